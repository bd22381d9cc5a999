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
 * The comments of {@code conf/config.yaml} on each setting, and a search in them: by the words that
 * question and paragraph have in common, weighted by weights (IDF), with those in a setting's name
 * counting most. Immutable.
 */
final class Manual {
  /** The file in the jar, which has the defaults only: the file in use may contain secrets. */
  private static final String FILE = "/conf/config.yaml";

  private static final Pattern PROSE = Pattern.compile("\\s*#(?: (.*))?");
  private static final Pattern SETTING = Pattern.compile("( *)#([a-z]+):(?: (.*))?");
  private static final int INDENT = 2;
  private static final int MAX_DEPTH = 8;

  private static final int MAX_PARAGRAPHS = 3;
  private static final double NAME_WEIGHT = 3;
  private static final int MIN_WORD_LENGTH = 3;
  private static final Set<String> STOP_WORDS =
      Set.of(
          "and", "are", "can", "does", "for", "from", "how", "its", "not", "that", "the", "there",
          "this", "was", "what", "when", "where", "which", "who", "why", "with", "you");

  private final List<Paragraph> paragraphs;
  private final Map<String, Double> weights;

  private Manual(List<Paragraph> paragraphs) {
    this.paragraphs = paragraphs;
    this.weights = weights(paragraphs);
  }

  static Manual fromJar() {
    try (InputStream file = Manual.class.getResourceAsStream(FILE)) {
      return of(new String(file.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param yaml settings that are commented out ({@code #key: value}), each after its description
   *     ({@code # prose})
   */
  static Manual of(String yaml) {
    var paragraphs = new ArrayList<Paragraph>();
    var prose = new ArrayList<String>();
    var path = new String[MAX_DEPTH];
    for (String line : yaml.lines().toList()) {
      Matcher setting = SETTING.matcher(line);
      Matcher comment = PROSE.matcher(line);
      if (setting.matches()) {
        int level = setting.group(1).length() / INDENT;
        path[level] = setting.group(2);
        String key = String.join(".", Arrays.copyOf(path, level + 1));
        String value = setting.group(3) == null ? "" : setting.group(3);
        if (!prose.isEmpty()) {
          paragraphs.add(new Paragraph(new ArrayList<>(), joined(prose)));
          prose.clear();
        }
        if (!value.isEmpty() && !paragraphs.isEmpty()) {
          paragraphs.get(paragraphs.size() - 1).settings.add(key + ": " + value);
        }
      } else if (comment.matches()) {
        prose.add(comment.group(1) == null ? "" : comment.group(1));
      } else if (!prose.isEmpty()) {
        paragraphs.add(new Paragraph(List.of(), joined(prose)));
        prose.clear();
      }
    }
    return new Manual(List.copyOf(paragraphs));
  }

  /** Joins lines to a paragraph, except before indented ones. */
  private static String joined(List<String> lines) {
    return String.join("\n", lines).replaceAll("\n(?! )", " ").strip();
  }

  /** The paragraphs that match best, or else examples of questions. */
  String answer(String question) {
    Set<String> asked = words(question);
    var scores = new HashMap<Paragraph, Double>();
    paragraphs.forEach(paragraph -> scores.put(paragraph, score(paragraph, asked)));
    double best = scores.values().stream().mapToDouble(score -> score).max().orElse(0);
    if (best == 0) {
      return "The manual has no answer to that. Ask for instance what the heartbeat is, how long"
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
      double weight = weights.getOrDefault(word, 0.0);
      score += paragraph.nameWords().contains(word) ? NAME_WEIGHT * weight : 0;
      score += paragraph.proseWords().contains(word) ? weight : 0;
    }
    return score;
  }

  /** The inverse document frequency of each word. */
  private static Map<String, Double> weights(List<Paragraph> paragraphs) {
    var in = new HashMap<String, Integer>();
    for (Paragraph paragraph : paragraphs) {
      var all = new LinkedHashSet<>(paragraph.proseWords());
      all.addAll(paragraph.nameWords());
      all.forEach(word -> in.merge(word, 1, Integer::sum));
    }
    var weights = new HashMap<String, Double>();
    in.forEach(
        (word, count) -> weights.put(word, Math.log(1 + (double) paragraphs.size() / count)));
    return weights;
  }

  /** The distinct words in lower case, without stop words and the plural s. */
  private static Set<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z0-9]+"))
        .filter(word -> word.length() >= MIN_WORD_LENGTH && !STOP_WORDS.contains(word))
        .map(word -> word.length() > MIN_WORD_LENGTH ? word.replaceFirst("s$", "") : word)
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * @param settings with their defaults, in the syntax of the file
   * @param prose their description
   */
  private record Paragraph(List<String> settings, String prose) {
    Set<String> nameWords() {
      return words(
          String.join(" ", settings.stream().map(s -> s.replaceFirst(":.*", "")).toList()));
    }

    Set<String> proseWords() {
      return words(prose);
    }

    String text() {
      return settings.isEmpty() ? prose : String.join("\n", settings) + "\n" + prose;
    }
  }
}
