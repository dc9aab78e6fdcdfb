/*
 * bin/probe: starts the interpreter that lies beside it, by the dynamic loader and with the libraries that
 * lie beside it too. Linked statically, because the image around it may hold neither.
 *
 * HOME/bin/probe ARGS   becomes   HOME/libexec/probe OPTIONS HOME/libexec/python3 ... HOME/lib/.../__main__.pyc ARGS
 *
 * HOME/libexec/probe is the dynamic loader: a process is known by the name of what was executed.
 * Under the name python3 the same program is the bare interpreter, for what starts sys.executable.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef VERSION
#error "-DVERSION=\"3.11\": of the interpreter"
#endif

/*
 * What the dynamic loader and the C library would heed before the interpreter's first statement, and what
 * may bring code of the image into this process. probe.entrypoint.environment has the same list.
 */
static const char *const covered[] = {"LD_", "GLIBC_TUNABLES=", "GCONV_PATH=", "LOCPATH=", "MALLOC_"};

static const char *path_of(const char *home, const char *file)
{
	char *path;

	if (asprintf(&path, "%s/%s", home, file) < 0)
		_exit(1);
	return path;
}

/* Cut "/bin/NAME" off; whether the loader is there then. */
static int is_home(char *path)
{
	for (int parts = 0; parts < 2; parts++) {
		char *slash = strrchr(path, '/');

		if (!slash)
			return 0;
		*slash = '\0';
	}
	return access(path_of(path, "libexec/probe"), X_OK) == 0;
}

/* The kernel knows what it executes. Where there is no /proc, the name by which that was done has to do. */
static int find_home(char home[PATH_MAX], const char *name)
{
	ssize_t size = readlink("/proc/self/exe", home, PATH_MAX - 1);

	if (size > 0) {
		home[size] = '\0';
		if (is_home(home))
			return 1;
	}
	return realpath(name, home) && is_home(home);
}

/* Set the highest bit of the first letter: no name in UTF-8 is like that, and order and size stay. */
static void cover(char **environment)
{
	for (char **entry = environment; *entry; entry++)
		for (size_t i = 0; i < sizeof covered / sizeof *covered; i++)
			if (!strncmp(*entry, covered[i], strlen(covered[i])))
				**entry |= '\x80';
}

/*
 * The interpreter reads the time zone before its first statement, and would wait for ever where TZ, TZDIR or
 * /etc/localtime leads to a FIFO or a dead mount. Of ":" the C library opens no file. Returns the environment with
 * that, and what to give back, as -X takes it: "tz=VALUE", "tz" where none is set.
 */
static char **with_zone(char **environment, const char **zone)
{
	size_t count = 0, at;

	while (environment[count])
		count++;
	for (at = 0; at < count && strncmp(environment[at], "TZ=", 3); at++)
		;
	char **with = calloc(count + 2, sizeof *with);
	char *said = "tz";

	if (!with || (at < count && asprintf(&said, "tz=%s", environment[at] + 3) < 0))
		_exit(1);
	memcpy(with, environment, count * sizeof *with);
	with[at] = "TZ=:";
	*zone = said;
	return with;
}

/*
 * Hold every signal, and give what was held before as a number with bit N-1 for signal N. The first process of
 * a container loses what comes before it listens, and the interpreter takes 5 ms to its first statement.
 * probe.entrypoint.block_signals goes on from here, with the same exceptions: faults of our own cannot be held.
 */
static unsigned long long hold(void)
{
	static const int faults[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS};
	unsigned long long held = ~0ULL, before = 0;

	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
		held &= ~(1ULL << (faults[i] - 1));
	/* Not sigprocmask(3): musl keeps three signals for itself, and glibc two others. */
	syscall(SYS_rt_sigprocmask, SIG_BLOCK, &held, &before, sizeof before);
	return before;
}

int main(int argc, char **argv, char **environment)
{
	char home[PATH_MAX];
	const char *name = (const char *)getauxval(AT_EXECFN);
	const char *slash = name ? strrchr(name, '/') : NULL;
	int bare = name && !strcmp(slash ? slash + 1 : name, "python3");
	unsigned long long before = !bare && argc > 1 && !strcmp(argv[1], "run") ? hold() : 0;

	if (!name || !find_home(home, name)) {
		dprintf(2, "probe: its files are not where its program is; copy the whole directory\n");
		return 1;
	}
	const char *zone;
	const char *loader = path_of(home, "libexec/probe");
	char **with = with_zone(environment, &zone);
	char *how;

	if (asprintf(&how, "bundle=%llx", before) < 0)
		return 1;
	const char *const start[] = {
		/* glibc's elf/rtld.c; no cache: it is the image's */
		loader, "--inhibit-cache", "--library-path", path_of(home, "lib"),
		"--argv0", path_of(home, "bin/python3"), path_of(home, "libexec/python3"),
		/* isolated, without site, whatever the locale; `bundle` tells probe how it was started, and what was held */
		"-I", "-S", "-X", "utf8", "-X", how, "-X", zone,
		path_of(home, "lib/python" VERSION "/probe/__main__.pyc"),
	};
	size_t fixed = sizeof start / sizeof *start - (bare ? 9 : 0);
	const char **command = calloc(fixed + (size_t)argc + 1, sizeof *command);

	if (!command)
		return 1;
	memcpy(command, start, fixed * sizeof *command);
	for (int i = 1; i < argc; i++)
		command[fixed + (size_t)i - 1] = argv[i];
	cover(environment);
	/* Of the bare interpreter nobody would give the zone back. */
	execve(loader, (char *const *)command, bare ? environment : with);
	dprintf(2, "probe: %s: %s\n", loader, strerror(errno));
	return 1;
}
