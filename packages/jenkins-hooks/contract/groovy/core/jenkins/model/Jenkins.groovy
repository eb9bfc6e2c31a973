package jenkins.model

import hudson.model.Computer

class Jenkins {
    private static final Jenkins INSTANCE = new Jenkins()
    Computer[] computers = []

    static Jenkins get() {
        INSTANCE
    }
}
