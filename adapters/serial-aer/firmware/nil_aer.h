/*
 * Address events over a serial line, for microcontrollers: the wire format of docs/adapters/serial-aer.md.
 * Plain C99, no allocation, no dependencies, about 600 bytes of RAM for a receiver. SPDX-License-Identifier: Apache-2.0
 */
#ifndef NIL_AER_H
#define NIL_AER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NIL_AER_VERSION 1
/* Of a body with its checksum, before COBS. */
#define NIL_AER_LARGEST_BODY 512
/* Of a frame on the line, with its zero. */
#define NIL_AER_LARGEST_FRAME (NIL_AER_LARGEST_BODY + NIL_AER_LARGEST_BODY / 254 + 3)
#define NIL_AER_MOST_EVENTS16 ((NIL_AER_LARGEST_BODY - 8) / 4)
#define NIL_AER_MOST_EVENTS32 ((NIL_AER_LARGEST_BODY - 8) / 6)

enum {
  NIL_AER_EVENTS16 = 0,
  NIL_AER_EVENTS32 = 1,
  NIL_AER_HELLO = 2,
  NIL_AER_TIME_REQUEST = 3,
  NIL_AER_TIME_ANSWER = 4,
  NIL_AER_START = 5,
  NIL_AER_STOP = 6
};

/* A body that was received and whose checksum is right. */
typedef struct {
  uint8_t type;
  uint8_t sequence;
  /* What follows the two bytes of the head. */
  const uint8_t *content;
  size_t length;
} nil_aer_body;

typedef struct {
  uint8_t line[NIL_AER_LARGEST_FRAME];
  size_t length;
  /* Frames that were no frames, for a diagnosis. */
  uint32_t broken;
  uint8_t too_long;
} nil_aer_receiver;

void nil_aer_receiver_init(nil_aer_receiver *receiver);

/* Takes a byte of the line. 1 when it ended a good frame, which is then in `body` until the next byte. */
int nil_aer_receive(nil_aer_receiver *receiver, uint8_t byte, nil_aer_body *body);

/* How many events a body has; 0 for bodies of another kind. */
size_t nil_aer_event_count(const nil_aer_body *body);
/* Event `i` of a body: its address, and its time in ticks. */
uint32_t nil_aer_event_address(const nil_aer_body *body, size_t i);
uint32_t nil_aer_event_ticks(const nil_aer_body *body, size_t i);
/* Word `i` of 32 bits of a body's content. */
uint32_t nil_aer_word(const nil_aer_body *body, size_t i);

/*
 * Writers: they put a frame with its zero into `out`, which has room for NIL_AER_LARGEST_FRAME, and return its length; 0 when there is more than
 * a frame takes. `sequence` counts frames of this direction.
 */
size_t nil_aer_write_events16(uint8_t *out, uint8_t sequence, uint32_t ticks, const uint16_t *offsets,
                              const uint16_t *addresses, size_t count);
size_t nil_aer_write_events32(uint8_t *out, uint8_t sequence, uint32_t ticks, const uint16_t *offsets,
                              const uint32_t *addresses, size_t count);
/* `name` has at most 32 bytes. */
size_t nil_aer_write_hello(uint8_t *out, uint8_t sequence, uint32_t tick_ns, uint32_t addresses, const char *name);
size_t nil_aer_write_time_answer(uint8_t *out, uint8_t sequence, uint32_t nonce, uint32_t ticks);

uint16_t nil_aer_crc16(const uint8_t *bytes, size_t length);

#ifdef __cplusplus
}
#endif

#endif
