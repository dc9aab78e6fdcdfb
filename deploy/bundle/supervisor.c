/*
 * libexec/probe-supervisor: starts commands for the probe, and ends all of them when the probe ends.
 *
 * What probe.targets.supervisor does in a fork of the interpreter, with the same messages and by the same rules;
 * tests/targets/test_processes.py holds both to them. A fork of an interpreter copies each page that either side writes,
 * more than a thousand of them for one command: a seventh of what a check costs. This has ten, and no interpreter.
 *
 * The line to the probe is descriptor 3. It takes no argument and no variable, and all signals are held when it starts.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE 3
#define LAST_SWEEP_MS 2000 /* for how long the end of all is seen to before leaving */
#define REQUEST_LIMIT (16u << 20) /* bytes; execve(2) takes six million */
#define HEAD 12 /* bytes of a request: three numbers */

struct command {
	pid_t pid;
	int control;
	int watched; /* whether its client is still waited for to go */
};

static struct command *commands;
static size_t count;
static int wake[2]; /* readable when a child has ended */

static void on_child(int number)
{
	int before = errno;

	(void)number;
	(void)!write(wake[1], "", 1); /* a full pipe is as good */
	errno = before;
}

/* Where setsid(2) is refused a group has to do, and where that is refused too, PDEATHSIG alone. */
static void lead_session(void)
{
	if (setsid() < 0)
		(void)setpgid(0, 0);
}

/* Not open(2) and fork(2), which musl makes: a seccomp profile after what glibc and Go do may not know them. */
static int open_at(const char *path, int flags)
{
	return openat(AT_FDCWD, path, flags | O_CLOEXEC);
}

static DIR *open_folder(const char *path)
{
	int descriptor = open_at(path, O_RDONLY | O_DIRECTORY);

	return descriptor < 0 ? NULL : fdopendir(descriptor);
}

static pid_t fork_once(void)
{
	pid_t pid = fork();

	return pid < 0 && (errno == EPERM || errno == ENOSYS) ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : pid;
}

static void close_from(unsigned lowest)
{
	if (!syscall(SYS_close_range, lowest, ~0u, 0))
		return;
	DIR *all = open_folder("/proc/self/fd");
	long most = all ? 0 : sysconf(_SC_OPEN_MAX);

	for (struct dirent *one; all && (one = readdir(all));) {
		int number = atoi(one->d_name);

		if (number >= (int)lowest && number != dirfd(all))
			close(number);
	}
	if (all)
		closedir(all);
	for (long number = lowest; number < most && number < 1 << 20; number++)
		close((int)number);
}

/* No input, and nobody to write to: an output of our caller that we held open would keep its reader waiting. */
static void open_null(void)
{
	int null = open_at("/dev/null", O_RDWR);
	int ends[2];

	if (null < 0) { /* a root without /dev */
		if (pipe2(ends, O_CLOEXEC) < 0)
			_exit(1);
		close(ends[1]);
		null = ends[0];
	}
	for (int number = 0; number < 3; number++)
		if (number != null)
			dup2(null, number);
	if (null > 2)
		close(null);
	else
		fcntl(null, F_SETFD, 0);
}

static void tell(int control, char kind, int number)
{
	unsigned char answer[5] = {(unsigned char)kind, (unsigned char)(number >> 24), (unsigned char)(number >> 16),
				   (unsigned char)(number >> 8), (unsigned char)number};

	(void)send(control, answer, sizeof answer, MSG_NOSIGNAL); /* nobody may listen any more */
}

/* A command and its group, which it may not have made yet. */
static void kill_one(pid_t pid)
{
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

/* Parent and group of a process, as proc_pid_stat(5) has them; 0 when it is gone. */
static int family(const char *name, pid_t *parent, pid_t *group)
{
	char path[64], text[512], *after;
	int descriptor;
	ssize_t size;

	snprintf(path, sizeof path, "/proc/%.20s/stat", name);
	descriptor = open_at(path, O_RDONLY);
	if (descriptor < 0)
		return 0;
	size = read(descriptor, text, sizeof text - 1);
	close(descriptor);
	if (size <= 0)
		return 0;
	text[size] = '\0';
	after = strrchr(text, ')'); /* a name may have blanks and brackets in it */
	return after && sscanf(after + 1, " %*c %d %d", parent, group) == 2;
}

/* All our children, each with its group: a group cannot fork itself out of one signal. */
static void kill_children(void)
{
	pid_t me = getpid(), ours = getpgrp(), parent, group;
	DIR *all = open_folder("/proc");

	for (struct dirent *one; all && (one = readdir(all));) {
		pid_t pid = atoi(one->d_name);

		if (pid <= 0 || !family(one->d_name, &parent, &group) || parent != me)
			continue;
		if (group > 1 && group != me && group != pid && group != ours)
			kill(-group, SIGKILL);
		kill_one(pid);
	}
	if (all)
		closedir(all);
}

static long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void drain(void)
{
	char buffer[256];

	while (read(wake[0], buffer, sizeof buffer) > 0)
		;
}

/* News of the children; 0 where there is no child. Where waitid(2) is refused, nobody could be told of an end. */
static int wait_for_any(siginfo_t *child, int options)
{
	child->si_pid = 0;
	if (!waitid(P_ALL, 0, child, WEXITED | WNOHANG | options))
		return 1;
	if (errno != ECHILD)
		_exit(1);
	return 0;
}

/* Kill until no child is left: each round brings home the children of those that it killed. */
static void kill_all(void)
{
	struct pollfd alarm = {.fd = wake[0], .events = POLLIN};

	for (size_t i = 0; i < count; i++) /* for these nobody needs /proc */
		kill_one(commands[i].pid);
	for (long long end = now_ms() + LAST_SWEEP_MS; now_ms() < end;) {
		siginfo_t child;

		do
			if (!wait_for_any(&child, 0))
				return;
		while (child.si_pid);
		kill_children();
		if (poll(&alarm, 1, 5) > 0)
			drain();
	}
}

/* Receive that many bytes; 0 where they do not come, with the reason in errno. */
static int exactly(int control, void *into, size_t size)
{
	char *at = into;

	while (size) {
		ssize_t got = recv(control, at, size, 0);

		if (got <= 0) {
			if (got < 0 && errno == EINTR)
				continue;
			errno = got ? errno : EPIPE;
			return 0;
		}
		at += got;
		size -= (size_t)got;
	}
	return 1;
}

static uint32_t number_at(const unsigned char *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* So many strings of a request, from *at on, and a NULL; NULL where there are fewer, with the reason in errno. */
static char **strings(char **at, char *end, uint32_t many)
{
	char **found = many <= REQUEST_LIMIT ? calloc((size_t)many + 1, sizeof *found) : NULL;

	for (uint32_t i = 0; found && i < many; i++) {
		char *stop = *at < end ? memchr(*at, '\0', (size_t)(end - *at)) : NULL;

		if (!stop) {
			errno = EINVAL;
			return NULL;
		}
		found[i] = *at;
		*at = stop + 1;
	}
	return found;
}

/* In the child: turn into the command. Its parent's death is its own. */
static void become(int out, int err, int control, pid_t supervisor)
{
	unsigned char head[HEAD];
	unsigned long long none = 0;
	char *body, *at, *end, **directory, **argv, **environment;
	pid_t parent;

	lead_session();
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	parent = getppid();
	if (parent >= 0 && supervisor >= 0 && parent != supervisor) /* it died before; below 0: nobody may know */
		_exit(127);
	if (!exactly(control, head, sizeof head))
		goto failed;
	uint32_t size = number_at(head);

	errno = E2BIG;
	body = size <= REQUEST_LIMIT ? malloc((size_t)size + 1) : NULL;
	if (!body || !exactly(control, body, size))
		goto failed;
	at = body;
	end = body + size;
	directory = strings(&at, end, 1);
	argv = directory ? strings(&at, end, number_at(head + 4)) : NULL;
	environment = argv ? strings(&at, end, number_at(head + 8)) : NULL;
	if (!environment || chdir(directory[0]) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0)
		goto failed;
	/* Not sigprocmask(3): musl keeps signals for itself. */
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
	execve(argv[0], argv, environment);
failed:
	tell(control, 'E', errno ? errno : EIO);
	_exit(127);
}

static void start(int out, int err, int control)
{
	pid_t supervisor = getpid(), pid;
	struct command *more = realloc(commands, (count + 1) * sizeof *commands);

	if (more)
		commands = more;
	pid = more ? fork_once() : -1;
	if (!pid)
		become(out, err, control, supervisor);
	if (pid < 0) {
		tell(control, 'E', errno ? errno : EAGAIN);
		close(control);
		return;
	}
	commands[count++] = (struct command){.pid = pid, .control = control, .watched = 1};
}

/* Start what the client asks for; 0 when it is gone. */
static int accept_command(void)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(3 * sizeof(int))];
	} rights;
	char kind;
	struct iovec data = {.iov_base = &kind, .iov_len = 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &rights, .msg_controllen = sizeof rights};
	int descriptors[3] = {-1, -1, -1};
	ssize_t got;

	do
		got = recvmsg(LINE, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return 0;
	struct cmsghdr *head = CMSG_FIRSTHDR(&message);

	if (head && head->cmsg_type == SCM_RIGHTS && head->cmsg_len > CMSG_LEN(0))
		memcpy(descriptors, CMSG_DATA(head), head->cmsg_len - CMSG_LEN(0));
	/* Where there is no room for all of them, not all arrive: the client will see its control socket close. */
	if (descriptors[2] >= 0)
		start(descriptors[0], descriptors[1], descriptors[2]);
	for (int i = 0; i < 2; i++)
		if (descriptors[i] >= 0)
			close(descriptors[i]);
	return 1;
}

/* Tell the client how its command has ended; the pid, and with it the group's number, is ours until it is reaped. */
static void report(size_t at, const siginfo_t *how)
{
	struct command ended = commands[at];
	siginfo_t reaped;

	kill_one(ended.pid);
	commands[at] = commands[--count];
	waitid(P_PID, (id_t)ended.pid, &reaped, WEXITED | WNOHANG);
	tell(ended.control, 'X', how->si_code == CLD_EXITED ? how->si_status : -how->si_status);
	close(ended.control);
}

/* Tell the clients what has ended; when nothing runs any more, end what was left behind. */
static void reap(void)
{
	for (;;) {
		siginfo_t child;
		size_t at = 0;

		if (!wait_for_any(&child, WNOWAIT))
			return;
		if (!child.si_pid)
			break;
		while (at < count && commands[at].pid != child.si_pid)
			at++;
		if (at < count)
			report(at, &child);
		else
			waitid(P_PID, (id_t)child.si_pid, &child, WEXITED | WNOHANG);
	}
	if (!count)
		kill_children();
}

static void prepare(void)
{
	static const char plain[64]; /* struct sigaction of any kernel: SIG_DFL */
	struct sigaction ended = {.sa_handler = on_child, .sa_flags = SA_RESTART};
	unsigned long long held = ~(1ULL << (SIGCHLD - 1));

	/*
	 * For the commands, which inherit what is ignored. Not sigaction(3): musl keeps 32 to 34 for itself, and
	 * glibc's posix_spawn(3), which has started us, ignores 32 and 33.
	 */
	for (int number = 1; number < NSIG; number++)
		syscall(SYS_rt_sigaction, number, plain, NULL, sizeof held);
	if (pipe2(wake, O_NONBLOCK | O_CLOEXEC) < 0 || sigaction(SIGCHLD, &ended, NULL) < 0)
		_exit(1);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &held, NULL, sizeof held);
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	/* Should a command have stopped us, we still see our client go. */
	prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
}

int main(void)
{
	lead_session();
	close_from(LINE + 1);
	open_null();
	fcntl(LINE, F_SETFD, FD_CLOEXEC);
	prepare();
	for (;;) {
		struct pollfd *watched = calloc(count + 2, sizeof *watched);
		size_t known = count;

		if (!watched)
			return 1;
		watched[0] = (struct pollfd){.fd = LINE, .events = POLLIN | POLLRDHUP};
		watched[1] = (struct pollfd){.fd = wake[0], .events = POLLIN};
		for (size_t i = 0; i < count; i++)
			watched[i + 2] = (struct pollfd){
				.fd = commands[i].watched ? commands[i].control : -1, .events = POLLRDHUP};
		while (poll(watched, known + 2, -1) < 0)
			if (errno != EINTR)
				return 1;
		if (watched[1].revents)
			drain();
		for (size_t i = 0; i < known; i++)
			if (watched[i + 2].revents) {
				commands[i].watched = 0;
				kill_one(commands[i].pid);
			}
		int gone = watched[0].revents & (POLLRDHUP | POLLHUP);

		/* What is still asked for then is not begun. */
		if (gone || (watched[0].revents && !accept_command())) {
			kill_all();
			return 0;
		}
		free(watched);
		reap();
	}
}
