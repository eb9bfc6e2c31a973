package hudson.slaves

import hudson.ExtensionList
import hudson.model.Computer
import hudson.model.TaskListener

abstract class ComputerListener {
    static ExtensionList<ComputerListener> all() {
        ExtensionList.lookup(ComputerListener)
    }

    void preLaunch(Computer computer, TaskListener listener) {}
}
