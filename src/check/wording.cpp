#include "check/wording.h"

#include <algorithm>

#include "base/text.h"

namespace atonce::check {

std::string title_of(std::string_view kind) {
  if (kind == "check_then_act") return "check, then act";
  if (kind == "iterate_mutate") return "change while iterating";
  if (kind == "lock_order") return "lock order";
  if (kind == "gil_enabled") return "GIL turned on";
  std::string title(kind);
  std::ranges::replace(title, '_', ' ');
  return title;
}

std::string_view meaning_of(std::string_view kind) {
  if (kind == "lost_update") {
    return "A thread reads a value and writes a new one that was made from it, and another "
           "thread's "
           "write in between is lost.";
  }
  if (kind == "check_then_act") {
    return "A thread tests something and acts on it, and another thread changes it in between.";
  }
  if (kind == "data_race") {
    return "Two threads use the same variable, one of them to write it, and nothing says which "
           "comes first.";
  }
  if (kind == "iterate_mutate") {
    return "A thread iterates over a container while another one adds to it or takes from it.";
  }
  if (kind == "lock_order") {
    return "Threads take the same locks in different orders, so that each can wait for the other "
           "for ever.";
  }
  if (kind == "gil_enabled") {
    return "A module does not support free threading, so that Python runs one thread at a time.";
  }
  return "Threads can disturb each other here.";
}

std::string_view verb_of(std::string_view op) {
  if (op == "read") return "reads";
  if (op == "write") return "writes";
  if (op == "read_write") return "reads and writes";
  if (op == "iterate") return "iterates over";
  if (op == "delete") return "deletes";
  if (op == "acquire") return "takes";
  return "uses";
}

std::string describe_access(const Access& access) {
  std::string text = access.thread.empty() ? "a thread" : access.thread;
  // The threads of a check are named after what they call.
  if (!access.call.empty() && !access.thread.ends_with(" " + access.call)) {
    text += " (`" + access.call + "`)";
  }
  text.append(" ").append(verb_of(access.op));
  if (!access.text.empty()) text += " `" + access.text + "`";
  return text +
         (access.locks.empty() ? ", holding no lock" : ", holding " + in_backticks(access.locks));
}

std::string describe_failure(const Failure& failure) {
  std::string text;
  for (const RunningCall& call : failure.calls) {
    text += (text.empty() ? "`" : " and `") + call.tool + "`";
    if (!call.arguments.empty()) text += " with " + call.arguments;
  }
  return text.empty() ? failure.what : text + ": " + failure.what;
}

}  // namespace atonce::check
