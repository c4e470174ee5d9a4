/*
 * The hot system calls by JNI, for comparison with the bindings that need no C: class JniCalls of the benches.
 * Addresses come as numbers; errno goes back as a negative result.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <jni.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#define CALL(result, name, ...) \
    JNIEXPORT result JNICALL Java_io_sluice_bench_binding_JniCalls_##name(JNIEnv *env, jclass type, ##__VA_ARGS__)

static jint result(int returned)
{
    return returned >= 0 ? returned : -errno;
}

CALL(jint, getppid)
{
    (void)env, (void)type;
    return getppid();
}

CALL(jint, poll, jlong descriptors, jlong count, jint timeout_ms)
{
    (void)env, (void)type;
    return result(poll((struct pollfd *)(uintptr_t)descriptors, (nfds_t)count, timeout_ms));
}

CALL(jint, recvmmsg, jint fd, jlong messages, jint count, jint flags)
{
    (void)env, (void)type;
    return result(recvmmsg(fd, (struct mmsghdr *)(uintptr_t)messages, (unsigned int)count, flags, NULL));
}

CALL(jint, sendmmsg, jint fd, jlong messages, jint count, jint flags)
{
    (void)env, (void)type;
    return result(sendmmsg(fd, (struct mmsghdr *)(uintptr_t)messages, (unsigned int)count, flags));
}
