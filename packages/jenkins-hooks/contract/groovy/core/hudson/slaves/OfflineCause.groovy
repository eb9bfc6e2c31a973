package hudson.slaves

class OfflineCause {
    static class ByCLI extends OfflineCause {
        final String message

        ByCLI(String message) {
            this.message = message
        }
    }
}
