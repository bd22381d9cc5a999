// storm: N streams at once all resume after the same id, while 200 others stay connected and receive 20 events a second of the same topic.
// Checks that each of the N receives COUNT consecutive offsets without a gap, and that the others receive each published event
// once. Does so ROUNDS times, and prints the mean time until all were open and until all had caught up, and the p99 from publish to receipt of
// the others, before the first round and while the N caught up in all rounds.
// With ID "drop", N streams of N topics are opened by another process, which is killed: prints how long it took until the hub had none of them, and the
// p99 of those that stayed, before, and in the two seconds after.
// usage: storm PORT TOPIC ID N COUNT ROUNDS
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIVE = 200, RATE = 20, MOST = 1 << 20 };

static int port;
static const char *topic;

static uint64_t nanos(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static double now(void) { return nanos() / 1e9; }
static void fail(const char *what) { perror(what); exit(1); }

static int dial(void) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0 || connect(fd, (void *)&to, sizeof to)) fail("connect");
  return fd;
}

static int subscribe(const char *query, int queue, void *stream) {
  char request[1024];
  int fd = dial(), length = snprintf(request, sizeof request, "GET /events/%s%s HTTP/1.1\r\nHost: localhost\r\n\r\n", topic, query);
  if (send(fd, request, length, 0) != length) fail("send");
  fcntl(fd, F_SETFL, O_NONBLOCK);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = stream}; epoll_ctl(queue, EPOLL_CTL_ADD, fd, &e);
  return fd;
}

// ---- the streams that stay connected; their events contain the time of publishing, as "@T" and sixteen digits

struct live { int fd, matched, opened; uint64_t stamp; long received; };
struct sample { double published, latency; };
static struct sample *samples;
static volatile int sampled, staying;
static long published;

static void look(struct live *l, const char *bytes, long count) {
  for (const char *b = bytes; b < bytes + count; b++) {
    if (l->matched == 0) { if (*b == '@') l->matched = 1; }
    else if (l->matched == 1) { l->matched = *b == 'T' ? 2 : 0; l->stamp = 0; }
    else {
      l->stamp = l->stamp * 16 + (*b <= '9' ? *b - '0' : *b - 'a' + 10);
      if (++l->matched == 18) {
        l->matched = 0; l->received++;
        if (sampled < MOST) { samples[sampled] = (struct sample){l->stamp / 1e9, (nanos() - l->stamp) / 1e6}; sampled++; }
      }
    }
  }
}

static void publish(int fd) {
  char body[101], request[512], answer[4096];
  memset(body, 'x', 100); body[100] = 0;
  while (recv(fd, answer, sizeof answer, MSG_DONTWAIT) > 0);
  char stamp[19]; snprintf(stamp, sizeof stamp, "@T%016llx", (unsigned long long)nanos()); memcpy(body, stamp, 18);
  int length = snprintf(request, sizeof request, "POST /events/%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n%s", topic, body);
  if (send(fd, request, length, 0) != length) fail("publish");
  published++;
}

static void *stay(void *ignored) {
  static struct live lives[LIVE]; static char bytes[1 << 16]; struct epoll_event events[LIVE];
  int queue = epoll_create1(0), publisher = dial();
  for (int i = 0; i < LIVE; i++) lives[i].fd = subscribe("", queue, &lives[i]);
  double due = 0, end = 0;
  int opened = 0, complete = 0;
  while (!complete) {
    if (opened == LIVE && staying && now() >= due) { publish(publisher); due = (due ? due : now()) + 1.0 / RATE; }
    if (!staying && !end) end = now() + 10;
    int wait = (due - now()) * 1000, ready = epoll_wait(queue, events, LIVE, wait > 0 ? wait : staying ? 0 : 10);
    for (int i = 0; i < ready; i++) {
      struct live *l = events[i].data.ptr;
      long got = recv(l->fd, bytes, sizeof bytes, 0);
      if (got <= 0) { fprintf(stderr, "one that stayed was closed\n"); exit(1); }
      if (!l->opened) { l->opened = 1; opened++; }
      look(l, bytes, got);
    }
    if (end) { // until each of them has all
      complete = 1;
      for (int i = 0; i < LIVE; i++) complete &= lives[i].received == published;
      if (!complete && now() > end) { fprintf(stderr, "the streams that stayed connected did not receive all of %ld events, each once\n", published); exit(1); }
    }
  }
  return ignored;
}

static int ascending(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }

// adds the latencies of the events published in an interval, and returns the new count
static int collect(double from, double to, double *into, int count) {
  for (int i = 0, all = sampled; i < all; i++) {
    if (samples[i].published >= from && samples[i].published <= to) into[count++] = samples[i].latency;
  }
  return count;
}

static double p99(double *latencies, int count) {
  qsort(latencies, count, sizeof *latencies, ascending);
  return count ? latencies[(int)(count * 0.99)] : 0;
}

// ---- the streams that resume

// the parser's state within "\nid: epoch~offset\n", the offset so far, the last offset, and the number of offsets
struct stream { int fd, state, opened; long offset, last, received; };
enum { OTHER, LINE, I, D, COLON, EPOCH, OFFSET };

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c - 'a' + 10; }

static void check(struct stream *s) {
  // the first id is the position after which the stream resumed; heartbeats repeat a position
  if (s->last >= 0 && s->offset != s->last + 1 && s->offset != s->last) {
    fprintf(stderr, "received %ld after %ld\n", s->offset, s->last); exit(1);
  }
  if (s->last >= 0 && s->offset > s->last) s->received++;
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
      case OFFSET: if (c == '\n') { check(s); s->state = LINE; } else s->offset = s->offset * 36 + digit(c); break;
      default: {
        const char *end = memchr(b, '\n', bytes + count - b);
        if (!end) return;
        b = end; s->state = LINE;
      }
    }
  }
}

// one storm: returns the time until all were open, and until all had caught up
static void storm(const char *query, int n, long count, double *all_open, double *all_live) {
  int made = 0, opened = 0, done = 0, queue = epoll_create1(0);
  struct stream *streams = calloc(n, sizeof *streams);
  static char bytes[1 << 18]; struct epoll_event events[256];
  double begin = now();
  *all_open = *all_live = 0;
  while (!*all_live) {
    if (now() - begin > 60) { fprintf(stderr, "%d of %d caught up in a minute\n", done, n); exit(1); }
    for (int k = 0; k < 200 && made < n; k++, made++) {
      struct stream *s = &streams[made];
      s->last = -1; s->state = LINE; s->fd = subscribe(query, queue, s);
    }
    int ready = epoll_wait(queue, events, 256, made < n ? 0 : 20);
    for (int i = 0; i < ready; i++) {
      struct stream *s = events[i].data.ptr;
      long got = recv(s->fd, bytes, sizeof bytes, 0), before = s->received;
      if (got <= 0) { fprintf(stderr, "a stream was closed\n"); exit(1); }
      if (!s->opened) { s->opened = 1; opened++; }
      take(s, bytes, got);
      if (before < count && s->received >= count) done++;
    }
    if (opened == n && !*all_open) *all_open = now() - begin;
    if (done == n) *all_live = now() - begin;
  }
  for (int i = 0; i < n; i++) close(streams[i].fd);
  free(streams); close(queue);
}

// ---- those that are dropped at once

// opens the streams and waits to be killed
static void hold(int n, int ready) {
  char bytes[4096];
  for (int i = 0; i < n; i++) {
    int fd = dial(), length = snprintf(bytes, sizeof bytes, "GET /events/drop.%d HTTP/1.1\r\nHost: localhost\r\n\r\n", i);
    if (send(fd, bytes, length, 0) != length || recv(fd, bytes, sizeof bytes, 0) <= 0) fail("a stream to drop");
  }
  if (write(ready, "", 1) != 1) fail("write");
  for (;;) pause();
}

// how many streams the hub has
static long streams(void) {
  static char answer[1 << 20];
  const char *request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  int fd = dial(); long length = 0, got;
  if (send(fd, request, strlen(request), 0) < 0) fail("metrics");
  while ((got = recv(fd, answer + length, sizeof answer - 1 - length, 0)) > 0) length += got;
  answer[length] = 0; close(fd);
  const char *line = strstr(answer, "\ntidings_streams ");
  if (!line) { fprintf(stderr, "no tidings_streams in the metrics\n"); exit(1); }
  return atof(line + 17);
}

static void drop(int n, int rounds) {
  double *before = calloc(MOST, sizeof *before), *after = calloc(MOST, sizeof *after), gone = 0;
  int quiet = 0, dropped = 0;
  for (int i = 0; i < rounds; i++) {
    int ready[2]; char byte;
    if (pipe(ready)) fail("pipe");
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (!child) { prctl(PR_SET_PDEATHSIG, SIGKILL); hold(n, ready[1]); }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1) { fprintf(stderr, "the streams to drop were not opened\n"); exit(1); }
    close(ready[0]); sleep(2);
    double from = now(); sleep(5);
    quiet = collect(from, now(), before, quiet);
    from = now(); kill(child, SIGKILL);
    while (streams() > LIVE) if (now() - from > 60) { fprintf(stderr, "dropped streams are still there\n"); exit(1); } else usleep(20000);
    gone += (now() - from) / rounds;
    waitpid(child, 0, 0);
    if (now() - from < 2) usleep((2 - now() + from) * 1e6);
    sleep(1); // what was published in the two seconds has arrived
    dropped = collect(from, from + 2, after, dropped);
  }
  printf("{\"streams\":%d,\"gone_s\":%.2f,\"quiet_p99_ms\":%.2f,\"drop_p99_ms\":%.2f}\n", n, gone, p99(before, quiet), p99(after, dropped));
}

int main(int argc, char **argv) {
  if (argc < 7) { fprintf(stderr, "usage: storm PORT TOPIC ID N COUNT ROUNDS\n"); return 2; }
  port = atoi(argv[1]); topic = argv[2];
  int n = atoi(argv[4]), rounds = atoi(argv[6]);
  char query[512]; snprintf(query, sizeof query, "?last_event_id=%s", argv[3]);
  samples = calloc(MOST, sizeof *samples);
  double *before = calloc(MOST, sizeof *before), *during = calloc(MOST, sizeof *during), open = 0, live = 0;
  pthread_t those; staying = 1; pthread_create(&those, 0, stay, 0);
  sleep(3); // warm
  if (!strcmp(argv[3], "drop")) { drop(n, rounds); staying = 0; pthread_join(those, 0); return 0; }
  double begin = now(); sleep(8);
  int quiet = collect(begin, now(), before, 0), stormy = 0;
  for (int i = 0; i < rounds; i++) {
    double o, l, from = now();
    storm(query, n, atol(argv[5]), &o, &l);
    open += o / rounds; live += l / rounds;
    sleep(3); // all of them are gone
    stormy = collect(from, from + l, during, stormy);
  }
  staying = 0; pthread_join(those, 0);
  printf("{\"streams\":%d,\"open_s\":%.2f,\"live_s\":%.2f,\"quiet_p99_ms\":%.2f,\"storm_p99_ms\":%.2f}\n", n, open, live, p99(before, quiet), p99(during, stormy));
  return 0;
}
