package hudson.model

/** As in Jenkins: called on the executor's thread, taskAccepted before the build runs, the others before the executor is idle. */
interface ExecutorListener {
    void taskAccepted(Executor executor, Queue.Task task)

    void taskCompleted(Executor executor, Queue.Task task, long durationMS)

    void taskCompletedWithProblems(Executor executor, Queue.Task task, long durationMS, Throwable problems)
}
