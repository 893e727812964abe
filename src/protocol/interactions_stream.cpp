#include <map>
#include <utility>

#include "base/json.h"
#include "protocol/event_stream.h"
#include "protocol/interactions.h"
#include "protocol/interactions_step.h"
#include "protocol/interactions_turn.h"
#include "protocol/json_fields.h"

namespace atonce::protocol::interactions {
namespace {

using json::Kind;
using json::View;

struct OpenStep {
  StepAssembly step;
  bool is_told = false;
};

class InteractionStream final : public StreamReader {
 public:
  explicit InteractionStream(StreamListener& listener)
      : listener_(listener), events_([this](const ServerEvent& event) { return take(event); }) {}

  Result<void> feed(std::string_view bytes) override { return events_.feed(bytes); }

  Result<ModelTurn> finish() override {
    if (auto ended = events_.finish(); !ended) return std::unexpected(ended.error());
    if (!has_any_) return not_an_interaction("", "the stream holds none");
    if (!is_done_) {
      return failure(ErrorCode::bad_response, "the server's answer broke off before its end");
    }
    return std::move(turn_);
  }

 private:
  Result<void> take(const ServerEvent& event) {
    if (is_done_ || event.data.empty() || event.data == "[DONE]") return {};
    const auto document = json::Document::parse(event.data);
    if (!document) return not_an_interaction(event.data, document.error().message);
    const View root = document->root();
    const auto error = root.find("error");
    const std::string named = text_of(root, "event_type");
    const std::string& type = named.empty() ? event.type : named;
    if (type == "error" || (error && error->is(Kind::object))) {
      return std::unexpected(read_reported_error(root));
    }
    // A server that does not stream sends the interaction where events were due.
    if (text_of(root, "object") == "interaction") return end(root);
    return take_event(type, root);
  }

  Result<void> take_event(std::string_view type, const View& event) {
    has_any_ = has_any_ || type.starts_with("interaction.") || type.starts_with("step.");
    const auto interaction = event.find("interaction");
    if (interaction) take_frame(turn_, *interaction);
    if (type == "interaction.completed") return end(interaction.value_or(event));
    const auto index = event.find("index");
    const auto at = index ? index->as_int64().value_or(0) : 0;
    if (type == "interaction.status_update") status_ = text_of(event, "status");
    if (type == "step.start") start(at, event.find("step"));
    if (type == "step.delta") add(at, event.find("delta"));
    if (type == "step.stop") stop(at);
    return {};
  }

  void start(std::int64_t at, const std::optional<View>& step) {
    if (!step) return;
    const auto [opened, is_new] = steps_.try_emplace(at, OpenStep{StepAssembly(*step)});
    if (is_new) tell_text(opened->second.step.text());
  }

  void add(std::int64_t at, const std::optional<View>& delta) {
    const auto open = steps_.find(at);
    // What comes after a step has stopped must not change a call that already runs.
    if (!delta || open == steps_.end() || open->second.is_told) return;
    tell_text(open->second.step.add(*delta));
  }

  void stop(std::int64_t at) {
    if (const auto open = steps_.find(at); open != steps_.end()) close(open->second);
  }

  void close(OpenStep& open) {
    if (!std::exchange(open.is_told, true) && open.step.is_call()) {
      listener_.on_call(open.step.call());
    }
  }

  void tell_text(std::string_view piece) {
    if (!piece.empty()) listener_.on_text(piece);
  }

  // The end repeats no steps, as a rule; it counts for those only if none came before.
  Result<void> end(const View& interaction) {
    has_any_ = true;
    is_done_ = true;
    turn_.wire = Wire::interactions;
    take_frame(turn_, interaction);
    if (steps_.empty()) {
      std::int64_t at = 0;
      const auto steps = interaction.find("steps");
      for (const View& step : steps ? steps->items() : std::vector<View>{}) start(at++, step);
      if (!steps_.empty()) turn_.raw_content = steps->raw();
    }
    for (auto& [at, open] : steps_) {
      close(open);
      turn_.text += open.step.text();
      if (open.step.is_call()) turn_.calls.push_back(open.step.call());
    }
    if (turn_.raw_content.empty() && !steps_.empty()) turn_.raw_content = join_steps();
    const std::string status = text_of(interaction, "status");
    return set_finish(turn_, status.empty() ? status_ : status);
  }

  [[nodiscard]] std::string join_steps() const {
    json::Writer writer;
    writer.begin_array();
    for (const auto& [at, open] : steps_) open.step.write(writer);
    writer.end_array();
    return writer.take();
  }

  StreamListener& listener_;
  std::map<std::int64_t, OpenStep> steps_;  // by index
  ModelTurn turn_;
  std::string status_;
  bool has_any_ = false;
  bool is_done_ = false;
  EventStream events_;
};

}  // namespace

std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener) {
  return std::make_unique<InteractionStream>(listener);
}

}  // namespace atonce::protocol::interactions
