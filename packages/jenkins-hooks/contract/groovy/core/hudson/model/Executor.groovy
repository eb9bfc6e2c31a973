package hudson.model

import hudson.ExtensionList

/** One place for a build on a computer, with a thread for each build. */
class Executor {
    final Computer owner
    private volatile Queue.Task work

    Executor(Computer owner) {
        this.owner = owner
    }

    boolean isIdle() {
        work == null
    }

    boolean isAvailable() {
        idle && owner.online && owner.acceptingTasks
    }

    void give(Queue.Task task) {
        work = task
        Thread.start { runIt(task) }
    }

    private void runIt(Queue.Task task) {
        def listeners = ExtensionList.lookup(ExecutorListener)
        listeners.each { it.taskAccepted(this, task) }
        // What another thread may do now, it does: the queue looks whether there is a place.
        owner.queue.maintain()
        try {
            task.run(this)
            listeners.each { it.taskCompleted(this, task, 1) }
        } catch (Exception problem) {
            listeners.each { it.taskCompletedWithProblems(this, task, 1, problem) }
        }
        work = null
        owner.queue.taskIsOver()
        owner.queue.maintain()
    }
}
