package io.tidings.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * The arguments of {@code cluster recover}.
 *
 * @param acceptLoss whether what only the lost nodes had may be lost
 * @param line the node's settings
 */
public record RecoverOptions(boolean help, boolean acceptLoss, CommandLine line) {
  static final String ACCEPT_LOSS = "--accept-loss";

  /**
   * @param arguments the arguments after the word recover
   * @throws IllegalArgumentException with a message of one line if an argument is invalid
   */
  public static RecoverOptions parse(List<String> arguments) {
    boolean help = false;
    boolean acceptLoss = false;
    var settings = new ArrayList<String>();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
      String option = equals < 0 ? argument : argument.substring(0, equals);
      if (argument.equals("--help") || argument.equals("-h")) {
        help = true;
        continue;
      } else if (argument.equals(ACCEPT_LOSS)) {
        acceptLoss = true;
        continue;
      } else if (argument.equals("--cluster")) {
        continue; // it may be called with all that the node is started with
      } else if (!List.of("--dir", "--config", "--set", "--host", "--port").contains(option)) {
        throw new IllegalArgumentException(
            option + ": is not an option; see cluster recover --help");
      } else if (equals < 0 && ++i == arguments.size()) {
        throw new IllegalArgumentException(option + ": must be followed by a value");
      }
      String value = equals < 0 ? arguments.get(i) : argument.substring(equals + 1);
      boolean dir = option.equals("--dir");
      settings.add(dir ? "--set" : option);
      settings.add(dir ? "log.dir=" + value : value);
    }
    return new RecoverOptions(help, acceptLoss, CommandLine.parse(settings.toArray(String[]::new)));
  }
}
