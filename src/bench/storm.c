// storm: opens N streams at once that all resume after the same id, and reads them; checks that each hears the hub's offsets one after the
// other, without a gap, until it has heard COUNT of them; then stays for some seconds. Prints when all were open and when all had caught up.
// usage: storm PORT PATH N COUNT STAY
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

// where in "\nid: epoch~offset\n" a stream's bytes are, the offset so far, the last one, and how many there were
struct stream { int fd, state, opened; long offset, last, heard; };
enum { OTHER, LINE, I, D, COLON, EPOCH, OFFSET };

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10; }

static void told(struct stream *s) {
  // the first id is the place that the stream resumed after; heartbeats repeat a place
  if (s->last >= 0 && s->offset != s->last + 1 && s->offset != s->last) {
    fprintf(stderr, "heard %ld after %ld\n", s->offset, s->last); exit(1);
  }
  if (s->last >= 0 && s->offset > s->last) s->heard++;
  s->last = s->offset;
}

static void take(struct stream *s, const char *bytes, long count) {
  for (const char *b = bytes; b < bytes + count; b++) {
    char c = *b;
    switch (s->state) {
      case LINE: s->state = c == 'i' ? I : c == '\n' ? LINE : OTHER; break;
      case I: s->state = c == 'd' ? D : OTHER; break;
      case D: s->state = c == ':' ? COLON : OTHER; break;
      case COLON: s->state = EPOCH; break;
      case EPOCH: if (c == '~') { s->state = OFFSET; s->offset = 0; } break;
      case OFFSET: if (c == '\n') { told(s); s->state = LINE; } else s->offset = s->offset * 36 + digit(c); break;
      default: {
        const char *end = memchr(b, '\n', bytes + count - b);
        if (!end) return;
        b = end; s->state = LINE;
      }
    }
  }
}

int main(int argc, char **argv) {
  if (argc < 6) { fprintf(stderr, "usage: storm PORT PATH N COUNT STAY\n"); return 2; }
  int n = atoi(argv[3]), made = 0, opened = 0, done = 0, queue = epoll_create1(0);
  long count = atol(argv[4]);
  double stay = atof(argv[5]), begin = now(), all_open = 0, all_live = 0;
  struct stream *streams = calloc(n, sizeof *streams);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(argv[1])), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char request[1024]; static char bytes[1 << 18]; struct epoll_event events[256];
  int length = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", argv[2]);
  while (!all_live || now() < begin + all_live + stay) {
    if (now() - begin > 60) { fprintf(stderr, "%d of %d caught up in a minute\n", done, n); return 1; }
    for (int k = 0; k < 200 && made < n; k++, made++) {
      struct stream *s = &streams[made];
      s->fd = socket(AF_INET, SOCK_STREAM, 0); s->last = -1; s->state = LINE;
      if (s->fd < 0 || connect(s->fd, (void *)&to, sizeof to) || send(s->fd, request, length, 0) != length) { perror("connect"); return 1; }
      fcntl(s->fd, F_SETFL, O_NONBLOCK);
      struct epoll_event e = {.events = EPOLLIN, .data.ptr = s}; epoll_ctl(queue, EPOLL_CTL_ADD, s->fd, &e);
    }
    int ready = epoll_wait(queue, events, 256, made < n ? 0 : 20);
    for (int i = 0; i < ready; i++) {
      struct stream *s = events[i].data.ptr;
      long got = recv(s->fd, bytes, sizeof bytes, 0), before = s->heard;
      if (got <= 0) { fprintf(stderr, "a stream was closed\n"); return 1; }
      if (!s->opened) { s->opened = 1; opened++; }
      take(s, bytes, got);
      if (before < count && s->heard >= count) done++;
    }
    if (opened == n && !all_open) all_open = now() - begin;
    if (done == n && !all_live) all_live = now() - begin;
  }
  printf("{\"streams\":%d,\"open_s\":%.2f,\"live_s\":%.2f}\n", n, all_open, all_live);
  return 0;
}
