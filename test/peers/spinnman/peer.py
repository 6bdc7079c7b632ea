"""SpiNNMan's message classes as an independent encoder and decoder: JSON lines in, JSON lines out."""

import json
import sys
from importlib.metadata import version

from spinnman.constants import EIEIO_COMMAND_IDS
from spinnman.messages.eieio import EIEIOPrefix, EIEIOType
from spinnman.messages.eieio.command_messages import (
    EIEIOCommandHeader,
    EIEIOCommandMessage,
    EventStopRequest,
    NotificationProtocolDatabaseLocation,
    NotificationProtocolPauseStop,
    NotificationProtocolStartResume,
    PaddingRequest,
    StartRequests,
    StopRequests,
)
from spinnman.messages.eieio.create_eieio_command import read_eieio_command_message
from spinnman.messages.eieio.create_eieio_data import read_eieio_data_message
from spinnman.messages.eieio.data_messages import EIEIODataHeader, EIEIODataMessage
from spinnman.messages.scp.impl import GetVersion, IPTagClear, IPTagSet, ReverseIPTagSet
from spinnman.messages.scp.impl.get_version_response import GetVersionResponse
from spinnman.messages.sdp import SDPFlag, SDPHeader, SDPMessage

TYPES = {
    (16, False): EIEIOType.KEY_16_BIT,
    (16, True): EIEIOType.KEY_PAYLOAD_16_BIT,
    (32, False): EIEIOType.KEY_32_BIT,
    (32, True): EIEIOType.KEY_PAYLOAD_32_BIT,
}
PREFIXES = {"lower": EIEIOPrefix.LOWER_HALF_WORD, "upper": EIEIOPrefix.UPPER_HALF_WORD}
COMMANDS = {
    "eventPadding": PaddingRequest,
    "eventStop": EventStopRequest,
    "stopSendingRequests": StopRequests,
    "startSendingRequests": StartRequests,
    "stopPause": NotificationProtocolPauseStop,
    "startResume": NotificationProtocolStartResume,
}
# SCP over UDP has two bytes of padding first.
PADDING = b"\0\0"


def encode_data(case):
    prefix = case.get("prefix")
    header = EIEIODataHeader(
        TYPES[case["keyBits"], case["payloads"]],
        tag=case["tag"],
        prefix=None if prefix is None else prefix["value"],
        prefix_type=PREFIXES["lower" if prefix is None else prefix["half"]],
        payload_base=case.get("payloadBase"),
        is_time=case["payloadIsTime"],
    )
    message = EIEIODataMessage(header)
    for i, key in enumerate(case["keys"]):
        if case["payloads"]:
            message.add_key_and_payload(key, case["values"][i])
        else:
            message.add_key(key)
    return message.bytestring


def decode_data(data):
    message = read_eieio_data_message(data, 0)
    header = message.eieio_header
    keys, payloads, times = [], [], []
    while message.is_next_element:
        element = message.next_element
        keys.append(element.key)
        payloads.append(getattr(element, "payload", None))
        times.append(bool(getattr(element, "payload_is_timestamp", False)))
    return {
        "tag": header.tag,
        "count": header.count,
        "is_time": header.is_time,
        "type": header.eieio_type.value,
        "keys": keys,
        "payloads": payloads,
    }


def encode_command(case):
    if case["name"] == "database":
        return NotificationProtocolDatabaseLocation(case.get("path")).bytestring
    if case["name"] in COMMANDS:
        return COMMANDS[case["name"]]().bytestring
    return EIEIOCommandMessage(EIEIOCommandHeader(case["command"])).bytestring


def sdp_of(case):
    to, source = case["to"], case["from"]
    return SDPMessage(
        SDPHeader(
            SDPFlag.REPLY_EXPECTED if case["replyExpected"] else SDPFlag.REPLY_NOT_EXPECTED,
            case["tag"],
            to["port"],
            to["core"],
            to["x"],
            to["y"],
            source["port"],
            source["core"],
            source["x"],
            source["y"],
        ),
        bytes.fromhex(case["data"]),
    )


def request_of(case):
    if case["kind"] == "version":
        return GetVersion(255, 255, 0)
    if case["kind"] == "set":
        return IPTagSet(255, 255, case["host"], case["port"], case["tag"], strip=case["strip"], use_sender=case["useSender"])
    if case["kind"] == "set-reverse":
        to = case["to"]
        return ReverseIPTagSet(255, 255, to["x"], to["y"], to["core"], case["port"], case["tag"], to["port"])
    return IPTagClear(255, 255, case["tag"])


def encode_request(case):
    request = request_of(case)
    request.sdp_header.update_for_send(0, 0)
    request.scp_request_header.sequence = case["sequence"]
    return PADDING + request.bytestring


def decode_version(data):
    response = GetVersionResponse()
    response.read_bytestring(data, 2)
    info = response.version_info
    return {
        "name": info.name,
        "hardware": info.hardware,
        "version": list(info.version_number),
        "x": info.x,
        "y": info.y,
        "core": info.p,
        "builtAt": info.build_date,
        "sequence": response.scp_response_header.sequence,
    }


def decode_sdp(data):
    header = SDPHeader.from_bytestring(data, 2)
    place = lambda which: {
        "x": getattr(header, f"{which}_chip_x"),
        "y": getattr(header, f"{which}_chip_y"),
        "core": getattr(header, f"{which}_cpu"),
        "port": getattr(header, f"{which}_port"),
    }
    return {
        "replyExpected": header.flags == SDPFlag.REPLY_EXPECTED,
        "tag": header.tag,
        "to": place("destination"),
        "from": place("source"),
        "data": data[10:].hex(),
    }


HANDLERS = {
    "encode-data": lambda case: encode_data(case).hex(),
    "decode-data": lambda case: decode_data(bytes.fromhex(case["bytes"])),
    "encode-command": lambda case: encode_command(case).hex(),
    "decode-command": lambda case: read_eieio_command_message(bytes.fromhex(case["bytes"]), 0).eieio_header.command,
    "encode-sdp": lambda case: (PADDING + sdp_of(case).bytestring).hex(),
    "decode-sdp": lambda case: decode_sdp(bytes.fromhex(case["bytes"])),
    "encode-request": lambda case: encode_request(case).hex(),
    "decode-version": lambda case: decode_version(bytes.fromhex(case["bytes"])),
    "commands": lambda case: {command.name: command.value for command in EIEIO_COMMAND_IDS},
    "version": lambda case: {"SpiNNMan": version("SpiNNMan"), "SpiNNMachine": version("SpiNNMachine")},
}

for line in sys.stdin:
    case = json.loads(line)
    print(json.dumps(HANDLERS[case["do"]](case)))
