/* Runs a program, and lets it meet its end, or a failing disk, at its Nth writing system call.
 *
 *     nth REPORT count -- PROGRAM ...      how many writing calls it makes
 *     nth REPORT kill N -- PROGRAM ...     SIGKILL to it and all that it started, before call N
 *     nth REPORT orphan N -- PROGRAM ...   SIGKILL to it alone; what it started goes on
 *     nth REPORT fail N E -- PROGRAM ...   call N fails with the error number E
 *     nth REPORT full N E -- PROGRAM ...   call N and all after it fail, but for those that free space
 *
 * A writing call is one by which something on a disk changes: of any thread and of any program that
 * it starts, numbered from 1 in the order in which they are made. REPORT gets their number in its
 * first line, then one line for each. The tracer's own exit code is that of the program.
 *
 * It traces system calls, not functions of the C library: Rust programs make some on their own. */

#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a call names what it writes to: a path, or a file that is open. Those that free are let
 * through on a full disk. */
enum what { OPEN, PATH, FREES, FILE_OF };
struct call { long number; const char *name; enum what what; int argument; };

static const struct call calls[] = {
    {SYS_openat, "open", OPEN, 1},
    {SYS_mkdirat, "mkdir", PATH, 1},
    {SYS_symlinkat, "symlink", PATH, 2},
    {SYS_linkat, "link", PATH, 3},
    {SYS_renameat2, "rename", PATH, 3},
    {SYS_unlinkat, "unlink", FREES, 1},
    {SYS_fchmodat, "chmod", PATH, 1},
    {SYS_utimensat, "utime", PATH, 1},
    {SYS_truncate, "truncate", PATH, 0},
#ifdef SYS_renameat
    {SYS_renameat, "rename", PATH, 3},
#endif
#ifdef SYS_open
    {SYS_open, "open", OPEN, 0},
    {SYS_creat, "creat", PATH, 0},
    {SYS_mkdir, "mkdir", PATH, 0},
    {SYS_symlink, "symlink", PATH, 1},
    {SYS_link, "link", PATH, 1},
    {SYS_rename, "rename", PATH, 1},
    {SYS_unlink, "unlink", FREES, 0},
    {SYS_rmdir, "rmdir", FREES, 0},
    {SYS_chmod, "chmod", PATH, 0},
    {SYS_utime, "utime", PATH, 0},
    {SYS_utimes, "utime", PATH, 0},
#endif
    {SYS_write, "write", FILE_OF, 0},
    {SYS_writev, "write", FILE_OF, 0},
    {SYS_pwrite64, "write", FILE_OF, 0},
    {SYS_pwritev, "write", FILE_OF, 0},
    {SYS_ftruncate, "truncate", FILE_OF, 0},
    {SYS_fallocate, "allocate", FILE_OF, 0},
    {SYS_fchmod, "chmod", FILE_OF, 0},
    {SYS_fsync, "sync", FILE_OF, 0},
    {SYS_fdatasync, "sync", FILE_OF, 0},
    {SYS_syncfs, "sync", FILE_OF, 0},
    {SYS_copy_file_range, "copy", FILE_OF, 2},
    {SYS_sendfile, "copy", FILE_OF, 0},
};
enum { CALLS = sizeof calls / sizeof *calls };

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
static long number_of(registers *r) { return (long)r->orig_rax; }
static unsigned long argument_of(registers *r, int at) {
    unsigned long all[] = {r->rdi, r->rsi, r->rdx, r->r10};
    return all[at];
}
static void answer(pid_t pid, registers *r, long value) {
    r->orig_rax = (unsigned long)-1;
    r->rax = (unsigned long)value;
    struct iovec all = {r, sizeof *r};
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
static long number_of(registers *r) { return (long)r->regs[8]; }
static unsigned long argument_of(registers *r, int at) { return r->regs[at]; }
static void answer(pid_t pid, registers *r, long value) {
    int none = -1;
    struct iovec number = {&none, sizeof none};
    ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &number);
    r->regs[0] = (unsigned long)value;
    struct iovec all = {r, sizeof *r};
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}
#else
#error "write down where this processor keeps the number and the arguments of a system call"
#endif

static void die(const char *what) {
    perror(what);
    _exit(125);
}

/* Becomes the program, which stops for its tracer at each call of the table. */
static void start(char **program) {
    struct sock_filter code[CALLS + 3];
    code[0] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (int at = 0; at < CALLS; at++)
        code[at + 1] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)calls[at].number,
                                                    (unsigned char)(CALLS - at), 0);
    code[CALLS + 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    code[CALLS + 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    struct sock_fprog filter = {CALLS + 3, code};
    setpgid(0, 0);
    if (ptrace(PTRACE_TRACEME, 0, 0, 0)) die("trace");
    raise(SIGSTOP);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) die("filter");
    execvp(*program, program);
    die(*program);
}

/* Reads a string of the program. */
static void read_text(pid_t pid, unsigned long from, char *to, size_t most) {
    memset(to, 0, most);
    for (size_t at = 0; at + 1 < most; at++) {
        struct iovec here = {to + at, 1}, there = {(void *)(from + at), 1};
        if (process_vm_readv(pid, &here, 1, &there, 1, 0) != 1 || !to[at]) return;
    }
}

/* Tells whether the call changes a disk; says what it writes to. */
static int writes(pid_t pid, const struct call *call, registers *r, char *path, size_t most) {
    unsigned long value = argument_of(r, call->argument);
    if (call->what == FILE_OF) {
        char link[64];
        struct stat meta;
        snprintf(link, sizeof link, "/proc/%d/fd/%d", (int)pid, (int)value);
        ssize_t length = readlink(link, path, most - 1);
        path[length < 0 ? 0 : length] = 0;
        return stat(link, &meta) == 0 && (S_ISREG(meta.st_mode) || S_ISDIR(meta.st_mode));
    }
    read_text(pid, value, path, most);
    if (value == 0) snprintf(path, most, "what is open as %d", (int)argument_of(r, 0));
    if (call->what == OPEN) {
        unsigned long flags = argument_of(r, call->argument + 1);
        if (!(flags & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR))) return 0;
    }
    return strcmp(path, "/dev/null") && strcmp(path, "/dev/tty");
}

int main(int count, char **words) {
    if (count < 5) return 125;
    FILE *report = fopen(words[1], "w+");
    if (!report) die(words[1]);
    const char *mode = words[2];
    int at = 3;
    long target = strcmp(mode, "count") ? atol(words[at++]) : 0;
    int error = !strcmp(mode, "fail") || !strcmp(mode, "full") ? atoi(words[at++]) : 0;
    pid_t root = fork();
    if (root == 0) start(words + at + 1);
    int status, code = 125;
    waitpid(root, &status, 0);
    long options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE
                   | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, root, 0, options)) die("options");
    ptrace(PTRACE_CONT, root, 0, 0);
    long seen = 0;
    fprintf(report, "%10d\n", 0);
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
        if (!WIFSTOPPED(status)) {
            if (pid == root) code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        if (signal == SIGTRAP || signal == SIGSTOP) signal = 0;
        if (event == PTRACE_EVENT_SECCOMP) {
            registers r;
            struct iovec all = {&r, sizeof r};
            if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all)) continue;
            const struct call *call = calls;
            while (call < calls + CALLS && call->number != number_of(&r)) call++;
            char path[4096];
            if (call < calls + CALLS && writes(pid, call, &r, path, sizeof path)) {
                fprintf(report, "%s %s\n", call->name, path);
                if (++seen == target && !strcmp(mode, "kill")) kill(-root, SIGKILL);
                if (seen == target && !strcmp(mode, "orphan")) kill(root, SIGKILL);
                int full = !strcmp(mode, "full") && target && seen >= target && call->what != FREES;
                if (full || (!strcmp(mode, "fail") && seen == target)) answer(pid, &r, -error);
            }
        }
        ptrace(PTRACE_CONT, pid, 0, signal);
    }
    rewind(report);
    fprintf(report, "%10ld\n", seen);
    fclose(report);
    return code;
}
