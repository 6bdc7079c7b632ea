/*
 * A device as a program: it opens a pseudo-terminal, prints its other end's name, and repeats every event that it gets, a millisecond later.
 * The same loop with a UART in the place of the terminal is a firmware. SPDX-License-Identifier: Apache-2.0
 *
 *     cc -std=c99 -Wall -o echo echo.c nil_aer.c && ./echo
 */
#define _XOPEN_SOURCE 700
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "nil_aer.h"

#define TICK_NS 1000u
#define ADDRESSES 256u

/* Microseconds since a moment that the host doesn't know, and about to wrap. */
static uint32_t ticks(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  static uint64_t started;
  uint64_t us = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
  if (started == 0) started = us;
  return (uint32_t)(us - started + 0xfffe0000u);
}

static void send_all(int line, const uint8_t *bytes, size_t length) {
  while (length > 0) {
    ssize_t written = write(line, bytes, length);
    if (written <= 0) exit(0);
    bytes += written;
    length -= (size_t)written;
  }
}

static void answer(int line, const nil_aer_body *body) {
  static uint8_t sequence;
  static uint32_t addresses[NIL_AER_MOST_EVENTS16];
  static uint16_t offsets[NIL_AER_MOST_EVENTS16];
  uint8_t out[NIL_AER_LARGEST_FRAME];
  size_t length = 0;
  if (body->type == NIL_AER_START) length = nil_aer_write_hello(out, sequence++, TICK_NS, ADDRESSES, "echo 1.0");
  if (body->type == NIL_AER_TIME_REQUEST)
    length = nil_aer_write_time_answer(out, sequence++, nil_aer_word(body, 0), ticks());
  send_all(line, out, length);
  size_t count = nil_aer_event_count(body);
  uint32_t now = count == 0 ? 0 : ticks();
  for (size_t i = 0; i < count; i++) {
    addresses[i] = nil_aer_event_address(body, i);
    offsets[i] = 0;
  }
  for (size_t i = 0; i < count; i += NIL_AER_MOST_EVENTS32) {
    size_t part = count - i < NIL_AER_MOST_EVENTS32 ? count - i : NIL_AER_MOST_EVENTS32;
    length = nil_aer_write_events32(out, sequence++, now, offsets, addresses + i, part);
    send_all(line, out, length);
  }
}

int main(void) {
  int line = posix_openpt(O_RDWR | O_NOCTTY);
  if (line < 0 || grantpt(line) != 0 || unlockpt(line) != 0) return 1;
  /* Our own hold on the other end: without it the line is down until somebody opens it. */
  int other = open(ptsname(line), O_RDWR | O_NOCTTY);
  struct termios raw;
  if (tcgetattr(other, &raw) != 0) return 1;
  raw.c_iflag = raw.c_oflag = raw.c_lflag = 0;
  raw.c_cflag = CS8 | CREAD | CLOCAL;
  if (tcsetattr(other, TCSANOW, &raw) != 0) return 1;
  printf("%s\n", ptsname(line));
  fflush(stdout);
  static nil_aer_receiver receiver;
  nil_aer_receiver_init(&receiver);
  uint8_t bytes[256];
  for (;;) {
    ssize_t got = read(line, bytes, sizeof bytes);
    if (got <= 0) return 0;
    nil_aer_body body;
    for (ssize_t i = 0; i < got; i++) {
      if (nil_aer_receive(&receiver, bytes[i], &body)) {
        if (body.type == NIL_AER_STOP) return 0;
        answer(line, &body);
      }
    }
  }
}
