package hudson

/** Jenkins' registry of one extension point. */
class ExtensionList<T> extends java.util.concurrent.CopyOnWriteArrayList<T> {
    private static final Map<Class, ExtensionList> LISTS = new java.util.concurrent.ConcurrentHashMap<Class, ExtensionList>()

    static <T> ExtensionList<T> lookup(Class<T> type) {
        LISTS.putIfAbsent(type, new ExtensionList<T>())
        LISTS.get(type)
    }
}
