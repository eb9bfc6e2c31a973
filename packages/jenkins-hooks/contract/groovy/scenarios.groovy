// Runs katavm-once.groovy in a controller made of the types that it uses (core/), and drives it: scenarios.groovy SCRIPT.
// Each scenario's answer is a line of JSON; once.contract.ts says what it must be.
import groovy.json.JsonOutput
import hudson.ExtensionList
import hudson.model.Computer
import hudson.model.Executor
import hudson.model.ExecutorListener
import hudson.model.Queue
import hudson.slaves.ComputerListener
import hudson.slaves.SlaveComputer
import java.util.logging.Handler
import java.util.logging.LogRecord
import java.util.logging.Logger
import jenkins.model.Jenkins

class CommandLauncher {
    String command
}

class SSHLauncher {
    String prefixStartSlaveCmd
}

/** A build that notes which clone it ran on. */
class Build implements Queue.Task {
    Closure body = {}
    String place
    boolean accepting

    void run(Executor executor) {
        def computer = executor.owner
        accepting = computer.acceptingTasks
        place = "${computer.name} ${computer instanceof SlaveComputer ? computer.clone : 0}"
        body(computer)
        place += computer instanceof SlaveComputer && !place.endsWith(" ${computer.clone}") ? ' and another' : ''
    }
}

class Warnings extends Handler {
    final List<String> told = [].asSynchronized()

    void publish(LogRecord record) {
        if (record.level.intValue() >= java.util.logging.Level.WARNING.intValue()) told << record.message
    }

    void flush() {}

    void close() {}
}

script = new File(args[0])
runScript = { new GroovyShell(getClass().classLoader).evaluate(script) }
warnings = new Warnings()
// Held: the registry of loggers forgets one that nobody holds, and its handlers with it.
logger = Logger.getLogger('katavm-once')
logger.with { useParentHandlers = false; addHandler(warnings) }

ofKatavm = { String name, int executors = 1 ->
    new SlaveComputer(name, new CommandLauncher(command: 'katavm-jenkins-start debian12'), executors)
}
overSsh = { String name ->
    new SlaveComputer(name, new SSHLauncher(prefixStartSlaveCmd: "/usr/local/bin/katavm-jenkins-start --node $name debian12 '"))
}
ofOthers = { String name -> new SlaveComputer(name, new CommandLauncher(command: 'java -jar agent.jar')) }

/** A controller with these computers, all launched, and the script in it unless `without`. */
controller = { List<Computer> computers, boolean without = false ->
    [ExtensionList.lookup(ExecutorListener), ComputerListener.all()]*.clear()
    warnings.told.clear()
    Jenkins.get().computers = computers as Computer[]
    if (!without) runScript()
    def queue = new Queue(computers)
    computers.findAll { it instanceof SlaveComputer }*.connect(false)*.get()
    queue
}
builds = { int count, Closure body = {} -> (1..count).collect { new Build(body: body) } }
eventually = { Closure holds ->
    def deadline = System.nanoTime() + 20_000_000_000L
    while (!holds()) {
        if (System.nanoTime() > deadline) return false
        Thread.yield()
    }
    true
}
answer = { String scenario, Map found -> println JsonOutput.toJson([scenario: scenario] + found) }
placesOf = { List<Build> all -> [builds: all.size(), places: all*.place.toSet().size(), accepting: all*.accepting.toSet()] }

def control = builds(10)
controller([ofKatavm('vm')], true).runAll(control)
answer('without the script', placesOf(control))

def quick = builds(30)
controller([ofKatavm('vm')]).runAll(quick)
answer('one node', placesOf(quick))

def ssh = builds(10)
controller([overSsh('vm')]).runAll(ssh)
answer('over SSH', placesOf(ssh))

def random = new Random(1)
def racing = builds(60) { Thread.sleep(random.nextInt(5)) }
controller([ofKatavm('vm1'), overSsh('vm2'), ofKatavm('vm3')]).runAll(racing)
answer('builds race for three nodes', placesOf(racing))

def failing = builds(5) { throw new RuntimeException('a step failed') }
def failed = ofKatavm('vm')
controller([failed]).runAll(failing)
answer('builds with problems', placesOf(failing) + [disconnects: eventually { failed.disconnects.size() == 5 }, reason: failed.disconnects[0]])

def other = ofOthers('other')
def master = new Computer('built-in')
def elsewhere = builds(10)
controller([other, master]).runAll(elsewhere)
answer('nodes of others', [clones: other.clone, disconnects: other.disconnects.size(), accepting: elsewhere*.accepting.toSet()])

controller([ofKatavm('vm')])
runScript()
def twice = builds(5)
def again = ofKatavm('vm')
Jenkins.get().computers = [again] as Computer[]
def queue = new Queue([again])
again.connect(false).get()
queue.runAll(twice)
answer('the script run twice', placesOf(twice) + [
    listeners: ExtensionList.lookup(ExecutorListener).size() + ComputerListener.all().size(),
    disconnects: eventually { again.disconnects.size() == 5 },
])

def idle = ofKatavm('idle')
def busy = ofKatavm('busy')
def untouched = ofOthers('other')
controller([idle, busy, untouched], true)
def begun = new java.util.concurrent.CountDownLatch(1)
def goOn = new java.util.concurrent.CountDownLatch(1)
def long_ = new Build(body: { begun.countDown(); goOn.await() })
busy.executors[0].give(long_)
begun.await()
runScript()
def replaced = eventually { idle.channel == null } && idle.clone == 1
def closed = !busy.acceptingTasks
answer('a controller that runs already', [idleReplaced: replaced, busyCloses: closed, busyClone: busy.clone, othersDisconnects: untouched.disconnects.size()])
goOn.countDown()
answer('a build that ran before the script', [replaced: eventually { busy.channel == null } && busy.clone == 1])

def wanted = ofKatavm('vm')
controller([wanted]).runAll([new Build(body: { it.temporarilyOffline = true })])
def gone = eventually { wanted.disconnects.size() == 1 && wanted.channel == null }
def launching = { try { it.connect(false).get(); 'launched' } catch (java.util.concurrent.ExecutionException refused) { refused.cause.message } }
answer('taken out of service meanwhile', [disconnects: gone, refusal: launching(wanted), clones: wanted.clone, accepting: wanted.acceptingTasks])

def alone = ofKatavm('vm')
def quiet = controller([alone])
quiet.runAll(builds(1))
def ended = eventually { alone.disconnects.size() == 1 && alone.channel == null }
def clonesWhenIdle = alone.clone
def late = builds(1)
quiet.demand(late[0])
answer('nobody waits', [ended: ended, clones: clonesWhenIdle, later: eventually { late[0].place == 'vm 2' }, accepting: late[0].accepting])

def stuck = ofKatavm('vm')
stuck.disconnectFails = true
controller([stuck]).runAll(builds(1))
answer('a clone that cannot be let go', [warned: eventually { warnings.told.any { it.contains('could not be replaced') } }, accepting: stuck.acceptingTasks])

controller([ofKatavm('vm', 2)]).runAll(builds(1))
answer('two executors', [warned: warnings.told.any { it.contains('2 executors') }])
