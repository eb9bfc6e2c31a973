package hudson.model

import java.util.concurrent.CountDownLatch

/**
 * Gives what waits to the first executor that is free, whenever anything changes, as Queue.maintain and JobOffer.isAvailable do: its
 * computer is online and accepts tasks, and it has no work yet.
 */
class Queue {
    /** What a build is to Jenkins. */
    static interface Task {
        void run(Executor executor)
    }

    /** Until all that was ever queued is over. */
    private final List<Task> waiting = []
    private final List<Computer> computers
    private volatile CountDownLatch over
    private static volatile Queue instance

    static Queue getInstance() {
        instance
    }

    Queue(List<Computer> computers) {
        instance = this
        this.computers = computers
        computers*.queue = this
    }

    void runAll(List<Task> tasks) {
        over = new CountDownLatch(tasks.size())
        synchronized (this) { waiting.addAll(tasks) }
        maintain()
        if (!over.await(30, java.util.concurrent.TimeUnit.SECONDS)) throw new IllegalStateException("${waiting.size()} builds wait for ever")
    }

    /** What waits for nothing but an executor of this computer. */
    synchronized List<Task> getBuildableItems(Computer computer) {
        computer in computers ? waiting.toList() : []
    }

    /** Queues without waiting for the end; Jenkins' demand launches what is offline (RetentionStrategy.Demand). */
    void demand(Task task) {
        synchronized (this) { waiting << task }
        computers.findAll { it.channel == null }*.connect(false)
        maintain()
    }

    synchronized void maintain() {
        computers*.executors.flatten().each { Executor executor ->
            if (!waiting.empty && executor.available) executor.give(waiting.remove(0))
        }
    }

    void taskIsOver() {
        over?.countDown()
    }
}
