/* Decodes the line on its input and encodes what was in it again, for comparison with another implementation: see codec tests. */
#include <stdio.h>

#include "nil_aer.h"

int main(void) {
  static nil_aer_receiver receiver;
  static uint16_t offsets[NIL_AER_MOST_EVENTS16], short_addresses[NIL_AER_MOST_EVENTS16];
  static uint32_t addresses[NIL_AER_MOST_EVENTS16];
  uint8_t out[NIL_AER_LARGEST_FRAME];
  nil_aer_body body;
  nil_aer_receiver_init(&receiver);
  for (int byte = getchar(); byte != EOF; byte = getchar()) {
    if (!nil_aer_receive(&receiver, (uint8_t)byte, &body)) continue;
    size_t count = nil_aer_event_count(&body);
    uint32_t base = body.length >= 4 ? nil_aer_word(&body, 0) : 0;
    for (size_t i = 0; i < count; i++) {
      offsets[i] = (uint16_t)(nil_aer_event_ticks(&body, i) - base);
      addresses[i] = nil_aer_event_address(&body, i);
      short_addresses[i] = (uint16_t)addresses[i];
    }
    char name[33] = {0};
    size_t length = 0;
    if (body.type == NIL_AER_EVENTS16)
      length = nil_aer_write_events16(out, body.sequence, base, offsets, short_addresses, count);
    if (body.type == NIL_AER_EVENTS32)
      length = nil_aer_write_events32(out, body.sequence, base, offsets, addresses, count);
    if (body.type == NIL_AER_TIME_ANSWER)
      length = nil_aer_write_time_answer(out, body.sequence, base, nil_aer_word(&body, 1));
    if (body.type == NIL_AER_HELLO) {
      for (size_t i = 8; i < body.length; i++) name[i - 8] = (char)body.content[i];
      length = nil_aer_write_hello(out, body.sequence, base, nil_aer_word(&body, 1), name);
    }
    fwrite(out, 1, length, stdout);
  }
  fprintf(stderr, "%u\n", (unsigned)receiver.broken);
  return 0;
}
