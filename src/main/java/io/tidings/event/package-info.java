/**
 * Events, topics, filters and positions: the values that all other rooms share. Floor 0.
 *
 * <pre>
 *  Event           what is published; EventReader and EventParser read it from JSON
 *  Publication     events appended all or none
 *  Topic           the rules for names       TopicPattern, Filter   what a stream subscribes to
 *  Selection       the events that a stream receives: a filter, and one for events of Visibility PRIVATE
 *  Position        epoch and offset          ResumeRequest          where a stream asks to begin
 *  InvalidEvent    a client's error: field and rule
 *  CautiousClock   the time by which it is decided what has ended for good
 *  TextRules       lengths and characters of text    HeapSize   the memory of objects
 * </pre>
 */
package io.tidings.event;
