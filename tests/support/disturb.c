/* LD_PRELOAD: disturbs the FAULT_N-th look at a path that begins with FAULT_BELOW.
 * FAULT_MODE: fail (with FAULT_ERRNO), short (each read gives at most seven bytes), swap (FAULT_FROM is renamed
 * to FAULT_TO before it). FAULT_LOG: a file for a line about each. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEXT(name, type) static __typeof__(type) next; if (!next) next = (__typeof__(type))dlsym(RTLD_NEXT, name)

static int count;

static const char *setting(const char *name) { const char *value = getenv(name); return value ? value : ""; }

static void tell(const char *what, const char *path) {
	NEXT("open", int (*)(const char *, int, ...));
	int log = *setting("FAULT_LOG") ? next(setting("FAULT_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644) : -1;
	if (log >= 0) { dprintf(log, "%s %s\n", what, path); close(log); }
}

static const char *place(int directory, const char *name, char *buffer) {
	char link[64];
	if (name && name[0] == '/') return name;
	snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
	int length = readlink(link, buffer, 4000);
	buffer[length < 0 ? 0 : length] = 0;
	if (name && *name) { strcat(buffer, "/"); strncat(buffer, name, 255); }
	return buffer;
}

/* Whether this look is to fail. */
static int disturbed(const char *what, const char *path) {
	const char *below = setting("FAULT_BELOW");
	if (!*below || strncmp(path, below, strlen(below))) return 0;
	tell(what, path);
	if (++count != atoi(setting("FAULT_N"))) return 0;
	if (!strcmp(setting("FAULT_MODE"), "swap")) rename(setting("FAULT_FROM"), setting("FAULT_TO"));
	if (strcmp(setting("FAULT_MODE"), "fail")) return 0;
	errno = atoi(setting("FAULT_ERRNO"));
	return 1;
}

#define LOOK(what, directory, name) char buffer[5000]; if (disturbed(what, place(directory, name, buffer))) return -1

int openat(int directory, const char *name, int flags, ...) {
	NEXT("openat", int (*)(int, const char *, int, ...));
	va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more);
	LOOK("open", directory, name);
	return next(directory, name, flags, mode);
}
int openat64(int directory, const char *name, int flags, ...) {
	va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more);
	return openat(directory, name, flags, mode);
}
int open(const char *name, int flags, ...) {
	NEXT("open", int (*)(const char *, int, ...));
	va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more);
	LOOK("open", AT_FDCWD, name);
	return next(name, flags, mode);
}
int open64(const char *name, int flags, ...) {
	va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more);
	return open(name, flags, mode);
}
ssize_t read(int file, void *to, size_t size) {
	NEXT("read", ssize_t (*)(int, void *, size_t));
	LOOK("read", file, NULL);
	const char *below = setting("FAULT_BELOW");
	int ours = *below && !strncmp(buffer, below, strlen(below));
	return next(file, to, ours && size > 7 && !strcmp(setting("FAULT_MODE"), "short") ? 7 : size);
}
int fstat(int file, struct stat *to) {
	NEXT("fstat", int (*)(int, struct stat *));
	LOOK("fstat", file, NULL);
	return next(file, to);
}
int fstat64(int file, struct stat64 *to) { return fstat(file, (struct stat *)to); }
int stat(const char *name, struct stat *to) {
	NEXT("stat", int (*)(const char *, struct stat *));
	LOOK("stat", AT_FDCWD, name);
	return next(name, to);
}
int stat64(const char *name, struct stat64 *to) { return stat(name, (struct stat *)to); }
int fstatat(int directory, const char *name, struct stat *to, int flags) {
	NEXT("fstatat", int (*)(int, const char *, struct stat *, int));
	LOOK("stat", directory, name);
	return next(directory, name, to, flags);
}
int fstatat64(int directory, const char *name, struct stat64 *to, int flags) {
	return fstatat(directory, name, (struct stat *)to, flags);
}
ssize_t readlinkat(int directory, const char *name, char *to, size_t size) {
	NEXT("readlinkat", ssize_t (*)(int, const char *, char *, size_t));
	LOOK("readlink", directory, name);
	return next(directory, name, to, size);
}
