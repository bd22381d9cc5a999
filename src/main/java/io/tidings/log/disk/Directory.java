package io.tidings.log.disk;

import java.io.IOException;
import java.util.List;

/**
 * The files of a log's directory, by name: all that the log asks of a disk. The seam at which tests
 * inject faults.
 */
interface Directory {
  /** How people know it. */
  String path();

  /** The names of all files, sorted. */
  List<String> names() throws IOException;

  boolean exists(String name);

  /** An empty file to read and write; one that has the name is emptied. */
  DataFile create(String name) throws IOException;

  /**
   * A file that exists.
   *
   * @throws java.nio.file.NoSuchFileException where there is none
   */
  DataFile open(String name, boolean writable) throws IOException;

  /** Gives a file another name, at once; a file that has it is replaced. */
  void rename(String from, String to) throws IOException;

  /** Removes a file, where there is one. */
  void delete(String name) throws IOException;

  /** Makes sure that the names of files survive a power cut. */
  void force() throws IOException;
}
