/*
 * A clock that differs from the machine's by the seconds in the file CHAOS_CLOCK, which is mapped: four bytes of the machine's order.
 * Only the time of day, and only for a process that has this library in LD_PRELOAD. (libfaketime does the same with a lock and a file
 * for each call, and a JVM under load starts ten times slower with it.)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int32_t none = 0;
static volatile int32_t *seconds = &none;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
  real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  const char *path = getenv("CHAOS_CLOCK");
  int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    void *page = mmap(NULL, sizeof(int32_t), PROT_READ, MAP_SHARED, file, 0);
    seconds = page == MAP_FAILED ? &none : page;
    close(file);
  }
}

int clock_gettime(clockid_t clock, struct timespec *result) {
  if (real_clock_gettime == NULL) {
    begin();
  }
  int status = real_clock_gettime(clock, result);
  if (status == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
    result->tv_sec += *seconds;
  }
  return status;
}

int gettimeofday(struct timeval *restrict result, void *restrict zone) {
  struct timespec now;
  (void)zone;
  int status = clock_gettime(CLOCK_REALTIME, &now);
  result->tv_sec = now.tv_sec;
  result->tv_usec = now.tv_nsec / 1000;
  return status;
}

time_t time(time_t *result) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (result != NULL) {
    *result = now.tv_sec;
  }
  return now.tv_sec;
}
