/*
 * Writes down each operation that a process does in the directory TRACE_DIRECTORY, in order, to the file TRACE_OUTPUT: a line each, of
 * the operation, the path and, separated by tabs, its arguments; bytes in hexadecimal digits. Only operations that succeed. Of a
 * process that has this library in LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define REAL(type, name, ...) ((type (*)(__VA_ARGS__))dlsym(RTLD_NEXT, name))

static int concerns(const char *path) {
  const char *directory = getenv("TRACE_DIRECTORY");
  return directory != NULL && strncmp(path, directory, strlen(directory)) == 0;
}

static void line(const char *operation, const char *path, const char *argument, const void *bytes, size_t count) {
  FILE *output = fopen(getenv("TRACE_OUTPUT"), "a");
  if (output == NULL) {
    abort();
  }
  fprintf(output, "%s\t%s\t%s\t", operation, path, argument);
  for (size_t i = 0; i < count; i++) {
    fprintf(output, "%02x", ((const unsigned char *)bytes)[i]);
  }
  fprintf(output, "\n");
  fclose(output);
}

static int named(int fd, char path[PATH_MAX]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  path[length < 0 ? 0 : length] = 0;
  return length > 0 && concerns(path);
}

static void of_file(const char *operation, int fd, off_t at, const void *bytes, ssize_t count) {
  char path[PATH_MAX];
  char position[32];
  if (count >= 0 && named(fd, path)) {
    snprintf(position, sizeof position, "%lld", (long long)at);
    line(operation, path, position, bytes, count);
  }
}

static int opened(int fd, const char *path, int flags, int existed) {
  if (fd >= 0 && concerns(path) && (flags & (O_CREAT | O_TRUNC))) {
    line(!existed ? "create" : flags & O_TRUNC ? "empty" : "open", path, "", "", 0);
  }
  return fd;
}

#define OPEN(name)                                                                           \
  int name(const char *path, int flags, ...) {                                               \
    va_list more;                                                                            \
    va_start(more, flags);                                                                   \
    mode_t mode = va_arg(more, mode_t);                                                      \
    va_end(more);                                                                            \
    int existed = access(path, F_OK) == 0;                                                   \
    return opened(REAL(int, #name, const char *, int, ...)(path, flags, mode), path, flags, existed); \
  }
OPEN(open)
OPEN(open64)

#define WRITE_AT(name)                                                                       \
  ssize_t name(int fd, const void *bytes, size_t count, off_t at) {                          \
    ssize_t written = REAL(ssize_t, #name, int, const void *, size_t, off_t)(fd, bytes, count, at); \
    of_file("write", fd, at, bytes, written);                                                \
    return written;                                                                          \
  }
WRITE_AT(pwrite)
WRITE_AT(pwrite64)

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t written = REAL(ssize_t, "write", int, const void *, size_t)(fd, bytes, count);
  if (written >= 0) {
    of_file("write", fd, lseek(fd, 0, SEEK_CUR) - written, bytes, written);
  }
  return written;
}

#define TRUNCATE(name)                                                                       \
  int name(int fd, off_t size) {                                                             \
    int result = REAL(int, #name, int, off_t)(fd, size);                                     \
    of_file("truncate", fd, size, "", result);                                               \
    return result;                                                                           \
  }
TRUNCATE(ftruncate)
TRUNCATE(ftruncate64)

#define FORCE(name)                                                                          \
  int name(int fd) {                                                                         \
    int result = REAL(int, #name, int)(fd);                                                  \
    of_file("force", fd, 0, "", result);                                                     \
    return result;                                                                           \
  }
FORCE(fsync)
FORCE(fdatasync)

static int changed(int result, const char *operation, const char *path, const char *other) {
  if (result == 0 && concerns(path)) {
    line(operation, path, other, "", 0);
  }
  return result;
}

int rename(const char *from, const char *to) {
  return changed(REAL(int, "rename", const char *, const char *)(from, to), "rename", from, to);
}

int unlink(const char *path) { return changed(REAL(int, "unlink", const char *)(path), "delete", path, ""); }

int rmdir(const char *path) { return changed(REAL(int, "rmdir", const char *)(path), "delete", path, ""); }

int remove(const char *path) { return changed(REAL(int, "remove", const char *)(path), "delete", path, ""); }

int mkdir(const char *path, mode_t mode) {
  return changed(REAL(int, "mkdir", const char *, mode_t)(path, mode), "mkdir", path, "");
}
