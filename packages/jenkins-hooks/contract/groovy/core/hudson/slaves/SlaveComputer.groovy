package hudson.slaves

import hudson.model.Computer
import java.util.concurrent.Callable
import java.util.concurrent.Future

/** A node with an agent. Each launch is a clone, with a number. */
class SlaveComputer extends Computer {
    final Object delegatedLauncher
    volatile boolean acceptingTasks = true
    volatile boolean temporarilyOffline
    volatile boolean disconnectFails
    volatile int clone
    final List<String> disconnects = [].asSynchronized()
    private volatile Object agent

    SlaveComputer(String name, Object launcher, int numExecutors = 1) {
        super(name, numExecutors)
        delegatedLauncher = launcher
    }

    @Override
    Object getChannel() {
        agent
    }

    @Override
    boolean isOnline() {
        agent != null && !temporarilyOffline
    }

    @Override
    boolean isAcceptingTasks() {
        acceptingTasks
    }

    /** As SlaveComputer._connect: where an agent is connected, nothing happens; else preLaunch, then the launcher. */
    Future connect(boolean forceReconnect) {
        threadPoolForRemoting.submit({
            synchronized (this) {
                if (agent != null) return
                ComputerListener.all().each { it.preLaunch(this, null) }
                clone++
                agent = new Object()
            }
            queue?.maintain()
        } as Callable)
    }

    Future disconnect(OfflineCause cause) {
        threadPoolForRemoting.submit({
            if (disconnectFails) throw new IOException('the channel is stuck')
            disconnects << cause.message
            agent = null
        } as Callable)
    }
}
