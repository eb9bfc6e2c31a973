package hudson

/** A failure that is told by its message alone. */
class AbortException extends IOException {
    AbortException(String message) {
        super(message)
    }
}
