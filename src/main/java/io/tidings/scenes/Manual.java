package io.tidings.scenes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What {@code conf/config.yaml} says of each setting, and the search in it: by the words that
 * question and paragraph have in common, of which rare ones count more, and those in a setting's
 * name most. Immutable.
 */
final class Manual {
  /**
   * The one in the jar, which has the defaults only: that beside the process may have secrets in
   * it.
   */
  private static final String FILE = "/conf/config.yaml";

  private static final Pattern PROSE = Pattern.compile("\\s*#(?: (.*))?");
  private static final Pattern SETTING = Pattern.compile("( *)#([a-z]+):(?: (.*))?");
  private static final int INDENT = 2;
  private static final int DEEPEST = 8;

  private static final int MAX_PARAGRAPHS = 3;
  private static final double NAME_COUNTS = 3;
  private static final int SHORTEST_WORD = 3;
  private static final Set<String> EVERYWHERE =
      Set.of(
          "and", "are", "can", "does", "for", "from", "how", "its", "not", "that", "the", "there",
          "this", "was", "what", "when", "where", "which", "who", "why", "with", "you");

  private final List<Paragraph> paragraphs;
  private final Map<String, Double> rarity;

  private Manual(List<Paragraph> paragraphs) {
    this.paragraphs = paragraphs;
    this.rarity = rarity(paragraphs);
  }

  static Manual ofTheJar() {
    try (InputStream file = Manual.class.getResourceAsStream(FILE)) {
      return of(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param yaml settings that are commented out ({@code #key: value}), after what is said of them
   *     ({@code # prose})
   */
  static Manual of(String yaml) {
    var paragraphs = new ArrayList<Paragraph>();
    var prose = new ArrayList<String>();
    var path = new String[DEEPEST];
    for (String line : yaml.lines().toList()) {
      Matcher setting = SETTING.matcher(line);
      Matcher said = PROSE.matcher(line);
      if (setting.matches()) {
        int level = setting.group(1).length() / INDENT;
        path[level] = setting.group(2);
        String key = String.join(".", Arrays.copyOf(path, level + 1));
        String value = setting.group(3) == null ? "" : setting.group(3);
        if (!prose.isEmpty()) {
          paragraphs.add(new Paragraph(new ArrayList<>(), flowing(prose)));
          prose.clear();
        }
        if (!value.isEmpty() && !paragraphs.isEmpty()) {
          paragraphs.get(paragraphs.size() - 1).settings.add(key + ": " + value);
        }
      } else if (said.matches()) {
        prose.add(said.group(1) == null ? "" : said.group(1));
      } else if (!prose.isEmpty()) {
        paragraphs.add(new Paragraph(List.of(), flowing(prose)));
        prose.clear();
      }
    }
    return new Manual(List.copyOf(paragraphs));
  }

  /** Where a line ends is up to the page, but for those that are indented. */
  private static String flowing(List<String> lines) {
    return String.join("\n", lines).replaceAll("\n(?! )", " ").strip();
  }

  /** The paragraphs that fit best, or else what could be asked. */
  String answer(String question) {
    Set<String> asked = words(question);
    var scores = new HashMap<Paragraph, Double>();
    paragraphs.forEach(paragraph -> scores.put(paragraph, score(paragraph, asked)));
    double best = scores.values().stream().mapToDouble(score -> score).max().orElse(0);
    if (best == 0) {
      return "The manual has no word of that. Ask for instance what the heartbeat is, how long"
          + " events are kept, or which port is used.";
    }
    return paragraphs.stream()
        .filter(paragraph -> scores.get(paragraph) >= best / 2)
        .sorted(Comparator.comparing(scores::get).reversed())
        .limit(MAX_PARAGRAPHS)
        .map(Paragraph::text)
        .collect(Collectors.joining("\n\n"));
  }

  private double score(Paragraph paragraph, Set<String> asked) {
    double score = 0;
    for (String word : asked) {
      double worth = rarity.getOrDefault(word, 0.0);
      score += paragraph.names().contains(word) ? NAME_COUNTS * worth : 0;
      score += paragraph.said().contains(word) ? worth : 0;
    }
    return score;
  }

  /** The inverse document frequency of each word. */
  private static Map<String, Double> rarity(List<Paragraph> paragraphs) {
    var in = new HashMap<String, Integer>();
    for (Paragraph paragraph : paragraphs) {
      var all = new LinkedHashSet<>(paragraph.said());
      all.addAll(paragraph.names());
      all.forEach(word -> in.merge(word, 1, Integer::sum));
    }
    var rarity = new HashMap<String, Double>();
    in.forEach((word, count) -> rarity.put(word, Math.log(1 + (double) paragraphs.size() / count)));
    return rarity;
  }

  /** Each once, in lower case, and without the ending of its plural. */
  private static Set<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"))
        .filter(word -> word.length() >= SHORTEST_WORD && !EVERYWHERE.contains(word))
        .map(word -> word.length() > SHORTEST_WORD ? word.replaceFirst("s$", "") : word)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * @param settings with their defaults, as they would be written
   * @param prose what is said of them
   */
  private record Paragraph(List<String> settings, String prose) {
    Set<String> names() {
      return words(
          String.join(" ", settings.stream().map(s -> s.replaceFirst(":.*", "")).toList()));
    }

    Set<String> said() {
      return words(prose);
    }

    String text() {
      return settings.isEmpty() ? prose : String.join("\n", settings) + "\n" + prose;
    }
  }
}
