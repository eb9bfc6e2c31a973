/** Stands in for the CI agent: says that it started on stderr, then gives back on stdout what comes on stdin. */
public final class Echo {
  public static void main(String[] arguments) throws java.io.IOException {
    System.err.println("echo agent, java " + System.getProperty("java.version"));
    System.in.transferTo(System.out);
    System.out.flush();
  }
}
