// One build per clone, seen to by the controller: put this file into JENKINS_HOME/init.groovy.d and restart Jenkins, or run it
// once in Manage Jenkins > Script Console (it lasts until the next restart then). Running it again replaces what it did before.
//
// It uses classes of Jenkins' core alone (2.318 or later: since then listeners of executors are extensions), no plugin's. It
// concerns the nodes that katavm launches and no others: those whose launch command, or prefix of the start command under SSH
// Build Agents, holds "katavm-jenkins-start".
//
// Why there is no gap for a second build: Jenkins calls taskAccepted on the executor's own thread before the build runs
// (WorkUnitContext, startLatch), and the queue gives nothing to a computer that does not accept tasks. From there to the next
// launch the node accepts none. preLaunch, which makes it accept again, is only called while no agent is connected
// (SlaveComputer._connect), that is, when the used clone is gone.

import hudson.AbortException
import hudson.ExtensionList
import hudson.model.Computer
import hudson.model.Executor
import hudson.model.ExecutorListener
import hudson.model.Queue
import hudson.model.TaskListener
import hudson.slaves.ComputerListener
import hudson.slaves.OfflineCause
import hudson.slaves.SlaveComputer
import java.util.logging.Level
import java.util.logging.Logger
import jenkins.model.Jenkins

class KatavmNodes {
    static final Logger LOGGER = Logger.getLogger('katavm-once')

    /** True for a computer whose agents katavm starts. The launchers' classes are plugins': asked by property, not by type. */
    static boolean isOurs(Computer computer) {
        if (!(computer instanceof SlaveComputer)) return false
        def launcher = computer.delegatedLauncher
        ['command', 'prefixStartSlaveCmd'].any { property ->
            launcher?.hasProperty(property) && launcher."${property}"?.toString()?.contains('katavm-jenkins-start')
        }
    }

    /**
     * Ends the agent, and with it its clone, then asks for the next one where a build waits for it: a clone that boots for nobody takes the
     * host's processors from builds that run. Jenkins launches the node by itself when one comes.
     */
    static void replaceClone(Computer computer) {
        Computer.threadPoolForRemoting.submit({
            try {
                computer.disconnect(new OfflineCause.ByCLI('katavm: this clone has had its build')).get()
                if (!computer.temporarilyOffline && Queue.instance.getBuildableItems(computer)) computer.connect(false)
            } catch (Exception problem) {
                // It stays closed to builds, and Jenkins launches it at its next look.
                LOGGER.log(Level.WARNING, "the clone of ${computer.name} could not be replaced at once".toString(), problem)
            }
        } as Runnable)
    }
}

class KatavmExecutorListener implements ExecutorListener {
    @Override
    void taskAccepted(Executor executor, Queue.Task task) {
        Computer computer = executor.owner
        if (!KatavmNodes.isOurs(computer)) return
        computer.setAcceptingTasks(false)
        if (computer.numExecutors != 1) {
            KatavmNodes.LOGGER.warning("${computer.name} has ${computer.numExecutors} executors: its builds may share a clone; set it to 1".toString())
        }
    }

    @Override
    void taskCompleted(Executor executor, Queue.Task task, long durationMS) {
        if (KatavmNodes.isOurs(executor.owner)) KatavmNodes.replaceClone(executor.owner)
    }

    @Override
    void taskCompletedWithProblems(Executor executor, Queue.Task task, long durationMS, Throwable problems) {
        if (KatavmNodes.isOurs(executor.owner)) KatavmNodes.replaceClone(executor.owner)
    }
}

class KatavmComputerListener extends ComputerListener {
    @Override
    void preLaunch(Computer computer, TaskListener listener) {
        if (!KatavmNodes.isOurs(computer)) return
        // Jenkins launches a node for a build that waits, whether it is marked offline or not; its clone would get none.
        if (computer.temporarilyOffline) {
            throw new AbortException('katavm: the node is marked offline, so no clone is booted for it; bring it back online first')
        }
        computer.setAcceptingTasks(true)
    }
}

// What an earlier run of this script has put in: its classes bear the same names, and are others.
def replace = { ExtensionList list, Object made ->
    list.findAll { it.class.name == made.class.name }.each { list.remove(it) }
    list.add(made)
}
replace(ExtensionList.lookup(ExecutorListener), new KatavmExecutorListener())
replace(ComputerListener.all(), new KatavmComputerListener())

// On a controller that runs already: what builds now is its clone's only build; what is idle may have built before.
Jenkins.get().computers.findAll { KatavmNodes.isOurs(it) && it.channel != null }.each { computer ->
    computer.setAcceptingTasks(false)
    if (computer.idle) KatavmNodes.replaceClone(computer)
}
KatavmNodes.LOGGER.info('every build on a node of katavm gets a clone of its own')
