package hudson.model

import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors

/** A node's state in the controller. */
class Computer {
    static final ExecutorService threadPoolForRemoting = Executors.newCachedThreadPool({ Runnable work ->
        new Thread(work).with { daemon = true; it }
    } as java.util.concurrent.ThreadFactory)

    final String name
    final List<Executor> executors
    Queue queue

    Computer(String name, int numExecutors = 1) {
        this.name = name
        executors = (1..numExecutors).collect { new Executor(this) }
    }

    int getNumExecutors() {
        executors.size()
    }

    boolean isIdle() {
        executors.every { it.idle }
    }

    boolean isOnline() {
        true
    }

    boolean isAcceptingTasks() {
        true
    }

    Object getChannel() {
        this
    }
}
