package io.tidings.log.disk;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The files of a log's directory, by name: every disk operation of the log. Tests inject faults
 * here.
 */
interface Directory {
  /** The end of the names of files that are being created. A start deletes such files. */
  String TEMPORARY = ".tmp";

  /** How a file is opened. */
  enum Access {
    READ_ONLY,
    READ_WRITE
  }

  /** The path, for messages. */
  String path();

  /** The names of all files, sorted. */
  List<String> names() throws IOException;

  boolean exists(String name);

  /** Creates an empty file to read and write; an existing file of that name is emptied. */
  DataFile create(String name) throws IOException;

  /**
   * Creates a file with the content. An existing file of that name is replaced atomically: at no
   * time has the name a part of the content. Not forced.
   *
   * @return the file, open to read and write
   */
  default DataFile createAtomically(String name, ByteBuffer content) throws IOException {
    String temporary = name + TEMPORARY;
    DataFile file = create(temporary);
    try {
      file.write(content, 0);
      rename(temporary, name);
    } catch (IOException e) {
      file.close();
      delete(temporary);
      throw e;
    }
    return file;
  }

  /**
   * Opens an existing file.
   *
   * @throws java.nio.file.NoSuchFileException if there is none
   */
  DataFile open(String name, Access access) throws IOException;

  /** Reads all of a file. */
  default byte[] read(String name) throws IOException {
    try (DataFile file = open(name, Access.READ_ONLY)) {
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.size()));
      int count = file.readFully(bytes, 0);
      return Arrays.copyOf(bytes.array(), count);
    }
  }

  /** Creates a file with the content, which is forced to the disk; the name is not. */
  default void writeForced(String name, byte[] content) throws IOException {
    try (DataFile file = create(name)) {
      file.write(ByteBuffer.wrap(content), 0);
      file.force();
    }
  }

  /** Renames a file atomically; an existing file of the new name is replaced. */
  void rename(String from, String to) throws IOException;

  /** Deletes a file if it exists. */
  void delete(String name) throws IOException;

  /** Forces the names of the files to the disk, so that they survive a power cut. */
  void force() throws IOException;

  /** The free space for new files, in bytes. */
  long usableBytes() throws IOException;
}
