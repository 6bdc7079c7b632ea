/* SPDX-License-Identifier: Apache-2.0 */
#include "nil_aer.h"

#define HEAD 2
#define CRC 2
#define LONGEST_NAME 32

uint16_t nil_aer_crc16(const uint8_t *bytes, size_t length) {
  uint16_t crc = 0xffff;
  for (size_t i = 0; i < length; i++) {
    crc = (uint16_t)(crc ^ (bytes[i] << 8));
    for (int bit = 0; bit < 8; bit++) {
      crc = (uint16_t)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
    }
  }
  return crc;
}

static void put16(uint8_t *at, uint16_t value) {
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *at, uint32_t value) {
  put16(at, (uint16_t)value);
  put16(at + 2, (uint16_t)(value >> 16));
}

static uint16_t get16(const uint8_t *at) { return (uint16_t)(at[0] | (at[1] << 8)); }

static uint32_t get32(const uint8_t *at) { return get16(at) | ((uint32_t)get16(at + 2) << 16); }

/* Appends the checksum to a body that has room for it, and puts it on the line. */
static size_t finish(uint8_t *out, uint8_t *body, size_t length) {
  put16(body + length, nil_aer_crc16(body, length));
  length += CRC;
  size_t code = 0;
  size_t at = 1;
  for (size_t i = 0; i < length; i++) {
    if (body[i] != 0) out[at++] = body[i];
    if (body[i] == 0 || (at - code == 255 && i + 1 < length)) {
      out[code] = (uint8_t)(at - code);
      code = at++;
    }
  }
  out[code] = (uint8_t)(at - code);
  out[at++] = 0;
  return at;
}

static void head(uint8_t *body, uint8_t type, uint8_t sequence) {
  body[0] = (uint8_t)((NIL_AER_VERSION << 4) | type);
  body[1] = sequence;
}

size_t nil_aer_write_events16(uint8_t *out, uint8_t sequence, uint32_t ticks, const uint16_t *offsets,
                              const uint16_t *addresses, size_t count) {
  uint8_t body[NIL_AER_LARGEST_BODY];
  if (count > NIL_AER_MOST_EVENTS16) return 0;
  head(body, NIL_AER_EVENTS16, sequence);
  put32(body + HEAD, ticks);
  uint8_t *at = body + HEAD + 4;
  for (size_t i = 0; i < count; i++, at += 4) {
    put16(at, offsets[i]);
    put16(at + 2, addresses[i]);
  }
  return finish(out, body, (size_t)(at - body));
}

size_t nil_aer_write_events32(uint8_t *out, uint8_t sequence, uint32_t ticks, const uint16_t *offsets,
                              const uint32_t *addresses, size_t count) {
  uint8_t body[NIL_AER_LARGEST_BODY];
  if (count > NIL_AER_MOST_EVENTS32) return 0;
  head(body, NIL_AER_EVENTS32, sequence);
  put32(body + HEAD, ticks);
  uint8_t *at = body + HEAD + 4;
  for (size_t i = 0; i < count; i++, at += 6) {
    put16(at, offsets[i]);
    put32(at + 2, addresses[i]);
  }
  return finish(out, body, (size_t)(at - body));
}

size_t nil_aer_write_hello(uint8_t *out, uint8_t sequence, uint32_t tick_ns, uint32_t addresses, const char *name) {
  uint8_t body[HEAD + 8 + LONGEST_NAME + CRC];
  size_t length = HEAD + 8;
  head(body, NIL_AER_HELLO, sequence);
  put32(body + HEAD, tick_ns);
  put32(body + HEAD + 4, addresses);
  for (; *name != 0; name++) {
    if (length == HEAD + 8 + LONGEST_NAME) return 0;
    body[length++] = (uint8_t)*name;
  }
  return finish(out, body, length);
}

size_t nil_aer_write_time_answer(uint8_t *out, uint8_t sequence, uint32_t nonce, uint32_t ticks) {
  uint8_t body[HEAD + 8 + CRC];
  head(body, NIL_AER_TIME_ANSWER, sequence);
  put32(body + HEAD, nonce);
  put32(body + HEAD + 4, ticks);
  return finish(out, body, HEAD + 8);
}

void nil_aer_receiver_init(nil_aer_receiver *receiver) {
  receiver->length = 0;
  receiver->broken = 0;
  receiver->too_long = 0;
}

/* COBS in place, which only gets shorter. The new length, or 0 for what is none. */
static size_t unstuff(uint8_t *line, size_t length) {
  size_t to = 0;
  for (size_t i = 0; i < length;) {
    size_t code = line[i];
    if (code == 0 || code > length - i) return 0;
    for (size_t end = i++ + code; i < end; i++) line[to++] = line[i];
    if (code < 255 && i < length) line[to++] = 0;
  }
  return to;
}

static size_t event_size(uint8_t type) { return type == NIL_AER_EVENTS16 ? 4 : 6; }

/* Whether the content is as long as its kind says. */
static int well_formed(const nil_aer_body *body) {
  switch (body->type) {
    case NIL_AER_EVENTS16:
    case NIL_AER_EVENTS32:
      return body->length >= 4 && (body->length - 4) % event_size(body->type) == 0;
    case NIL_AER_HELLO:
      return body->length >= 8 && body->length <= 8 + LONGEST_NAME;
    case NIL_AER_TIME_REQUEST:
    case NIL_AER_START:
      return body->length == 4;
    case NIL_AER_TIME_ANSWER:
      return body->length == 8;
    case NIL_AER_STOP:
      return body->length == 0;
    default:
      return 0;
  }
}

int nil_aer_receive(nil_aer_receiver *receiver, uint8_t byte, nil_aer_body *body) {
  if (byte != 0) {
    if (receiver->length < sizeof receiver->line) receiver->line[receiver->length++] = byte;
    else receiver->too_long = 1;
    return 0;
  }
  size_t length = receiver->length;
  uint8_t too_long = receiver->too_long;
  receiver->length = 0;
  receiver->too_long = 0;
  if (length == 0 && !too_long) return 0;
  uint8_t *line = receiver->line;
  size_t whole = too_long ? 0 : unstuff(line, length);
  if (whole >= HEAD + CRC && nil_aer_crc16(line, whole - CRC) == get16(line + whole - CRC) &&
      line[0] >> 4 == NIL_AER_VERSION) {
    body->type = line[0] & 15;
    body->sequence = line[1];
    body->content = line + HEAD;
    body->length = whole - HEAD - CRC;
    if (well_formed(body)) return 1;
  }
  receiver->broken++;
  return 0;
}

size_t nil_aer_event_count(const nil_aer_body *body) {
  if (body->type != NIL_AER_EVENTS16 && body->type != NIL_AER_EVENTS32) return 0;
  return (body->length - 4) / event_size(body->type);
}

uint32_t nil_aer_event_address(const nil_aer_body *body, size_t i) {
  const uint8_t *at = body->content + 4 + i * event_size(body->type) + 2;
  return body->type == NIL_AER_EVENTS16 ? get16(at) : get32(at);
}

uint32_t nil_aer_event_ticks(const nil_aer_body *body, size_t i) {
  return get32(body->content) + get16(body->content + 4 + i * event_size(body->type));
}

uint32_t nil_aer_word(const nil_aer_body *body, size_t i) { return get32(body->content + 4 * i); }
