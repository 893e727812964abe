#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "base/json.h"
#include "protocol/event_stream.h"
#include "protocol/json_fields.h"
#include "protocol/openai_calls.h"
#include "protocol/openai_error.h"
#include "protocol/openai_responses.h"
#include "protocol/openai_responses_turn.h"

namespace atonce::protocol::openai_responses {
namespace {

using json::Kind;
using json::View;

// An item of the output, as far as it has come.
struct Item {
  std::int64_t index;     // its output_index
  std::string raw = {};   // empty until it is done
  std::string text = {};  // what of its visible text was told
  bool is_call_told = false;
};

class ResponsesStream final : public StreamReader {
 public:
  explicit ResponsesStream(StreamListener& listener)
      : listener_(listener), events_([this](const ServerEvent& event) { return take(event); }) {}

  Result<void> feed(std::string_view bytes) override { return events_.feed(bytes); }

  Result<ModelTurn> finish() override {
    if (auto ended = events_.finish(); !ended) return std::unexpected(ended.error());
    if (!has_any_) return not_a_response("", "the stream holds none");
    if (!is_done_) {
      return failure(ErrorCode::bad_response, "the answer broke off before the model had finished");
    }
    return std::move(turn_);
  }

 private:
  Result<void> take(const ServerEvent& event) {
    if (is_done_ || event.data.empty() || event.data == "[DONE]") return {};
    const auto document = json::Document::parse(event.data);
    if (!document) return not_a_response(event.data, document.error().message);
    const View root = document->root();
    std::string type = text_of(root, "type");
    if (type.empty()) type = event.type;
    if (type == "error" || openai::is_error(root)) {
      return std::unexpected(openai::read_reported_error(root));
    }
    // A server that does not stream sends the response where events were due.
    if (text_of(root, "object") == "response") return end(root);
    has_any_ = has_any_ || type.starts_with("response.");
    if (const auto response = root.find("response"); response && is_end(type)) {
      return end(*response);
    }
    return take_piece(type, root);
  }

  static bool is_end(std::string_view type) {
    return type == "response.completed" || type == "response.incomplete" ||
           type == "response.failed" || type == "response.cancelled";
  }

  Result<void> take_piece(std::string_view type, const View& event) {
    const auto index = event.find("output_index");
    const auto at = index ? index->as_int64().value_or(0) : 0;
    if (type == "response.output_item.added") {
      open(at);
    } else if (type == "response.output_item.done") {
      if (const auto item = event.find("item")) take_item(open(at), *item);
    } else if (type == "response.output_text.delta") {
      tell_text(has_item(at) ? newest(at) : open(at), text_of(event, "delta"));
    }
    return {};
  }

  [[nodiscard]] bool has_item(std::int64_t index) const { return newest_.contains(index); }

  Item& newest(std::int64_t index) { return items_[newest_.at(index)]; }

  // The item that is still to come at this index. Some servers give every item the same one.
  Item& open(std::int64_t index) {
    if (has_item(index) && newest(index).raw.empty()) return newest(index);
    newest_[index] = items_.size();
    return items_.emplace_back(Item{.index = index});
  }

  void take_item(Item& item, const View& view) {
    item.raw = view.raw();
    tell_rest(item, view);
  }

  // What of a whole item was not told while it came.
  void tell_rest(Item& item, const View& view) {
    const std::string text = visible_text(view);
    if (text.starts_with(item.text)) tell_text(item, text.substr(item.text.size()));
    if (is_call(view) && !std::exchange(item.is_call_told, true)) {
      listener_.on_call(read_call(view));
    }
  }

  void tell_text(Item& item, std::string_view piece) {
    if (piece.empty()) return;
    item.text += piece;
    listener_.on_text(piece);
  }

  // The end of the response repeats its items. Some servers leave them out there, so what came
  // before counts unless the end has at least as much.
  Result<void> end(const View& response) {
    has_any_ = true;
    if (openai::is_error(response)) return std::unexpected(openai::read_reported_error(response));
    std::ranges::stable_sort(items_, {}, &Item::index);
    const auto output = response.find("output");
    const std::vector<View> last = output ? output->items() : std::vector<View>{};
    if (output && last.size() >= items_.size()) {
      items_.resize(last.size(), Item{.index = 0});
      for (std::size_t at = 0; at < last.size(); ++at) tell_rest(items_[at], last[at]);
      return close(read_turn(response, last, std::string(output->raw())));
    }
    const bool is_whole =
        std::ranges::none_of(items_, [](const Item& item) { return item.raw.empty(); });
    if (!is_whole) {
      return failure(ErrorCode::bad_response, "the answer ended before its items were done");
    }
    const std::string joined = join_items();
    const auto document = json::Document::parse(joined);
    if (!document) return not_a_response(joined, document.error().message);
    return close(read_turn(response, document->root().items(), joined));
  }

  Result<void> close(Result<ModelTurn> turn) {
    if (!turn) return std::unexpected(turn.error());
    turn_ = *std::move(turn);
    is_done_ = true;
    return {};
  }

  [[nodiscard]] std::string join_items() const {
    json::Writer writer;
    writer.begin_array();
    for (const Item& item : items_) writer.raw(item.raw);
    writer.end_array();
    return writer.take();
  }

  StreamListener& listener_;
  std::vector<Item> items_;                     // in the order in which they began
  std::map<std::int64_t, std::size_t> newest_;  // where in items_, by index
  ModelTurn turn_;
  bool has_any_ = false;
  bool is_done_ = false;
  EventStream events_;
};

}  // namespace

std::unique_ptr<StreamReader> make_stream_reader(StreamListener& listener) {
  return std::make_unique<ResponsesStream>(listener);
}

}  // namespace atonce::protocol::openai_responses
