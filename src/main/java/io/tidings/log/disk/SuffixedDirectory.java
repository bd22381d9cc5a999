package io.tidings.log.disk;

import java.io.IOException;
import java.util.List;

/** The files of a directory whose names have a suffix, by their names without it. */
final class SuffixedDirectory implements Directory {
  private final Directory files;
  private final String suffix;

  SuffixedDirectory(Directory files, String suffix) {
    this.files = files;
    this.suffix = suffix;
  }

  /** The name in the directory. */
  String suffixed(String name) {
    return name + suffix;
  }

  @Override
  public String path() {
    return files.path();
  }

  @Override
  public List<String> names() throws IOException {
    return files.names().stream()
        .filter(name -> name.endsWith(suffix))
        .map(name -> name.substring(0, name.length() - suffix.length()))
        .sorted()
        .toList();
  }

  @Override
  public boolean exists(String name) {
    return files.exists(suffixed(name));
  }

  @Override
  public DataFile create(String name) throws IOException {
    return files.create(suffixed(name));
  }

  @Override
  public DataFile open(String name, Access access) throws IOException {
    return files.open(suffixed(name), access);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    files.rename(suffixed(from), suffixed(to));
  }

  @Override
  public void delete(String name) throws IOException {
    files.delete(suffixed(name));
  }

  @Override
  public void force() throws IOException {
    files.force();
  }

  @Override
  public long usableBytes() throws IOException {
    return files.usableBytes();
  }
}
