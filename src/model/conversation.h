// The function-calling loop: a question to the model, its calls to the engine, their outcomes back
// to the model, until there is an answer.
//
// A call may start as soon as its arguments are complete, while the model still speaks.
//
// The history stays valid whatever happens: every turn of calls is followed by one result for each
// call, in call order. Calls that may not run (unknown, not allowed, not approved, after the limit)
// get an outcome that says so; the model sees it and goes on.
//
// Thread safety: one thread at a time; cancel() from any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "call/outcome.h"
#include "call/tool_spec.h"
#include "model/model.h"
#include "model/turn_runner.h"
#include "protocol/message.h"

namespace atonce::model {

struct ConversationOptions {
  std::string system = {};
  // Of a question's first request. `any` is `automatic` from the second on: it would never end.
  protocol::CallMode mode = protocol::CallMode::automatic;
  std::vector<std::string> allowed = {};  // the only tools that are declared; empty: all
  std::size_t max_turns = 10;             // requests to the model for one question
  std::size_t max_retries = 2;            // of a malformed call or an empty answer, a question
  std::optional<double> temperature = std::nullopt;
  std::optional<std::chrono::milliseconds> time_limit = std::nullopt;  // for one question
  std::vector<protocol::ProviderTool> provider_tools = {};
  bool streams = false;  // ask for the answer in pieces, and start calls as they come
};

// How a question ended.
enum class Ending {
  answered,    // the model is done; its text may be empty
  call_limit,  // it still wanted to call functions in its last turn
  time_limit,  // the time for one question was over
  blocked,     // the provider refused the question or the answer
  length,      // it ran out of tokens
  malformed,   // it kept writing calls that are none
  empty,       // it kept saying nothing
  cancelled,
  failed,  // Answer::error says how
};

// "answered", "call_limit" and so on, as written above.
[[nodiscard]] std::string_view name_of(Ending ending);

// All that came of a question. Calls that ran are here however it ended.
struct Answer {
  std::string text = {};
  std::vector<call::Reply> turns = {};
  std::string model = {};  // as the provider calls it
  protocol::Usage usage = {};
  Ending ending = Ending::answered;
  std::string detail = {};  // why, in the provider's words; may be empty
  std::optional<Error> error = std::nullopt;
};

// Told what happens while ask() waits, on the thread that called it.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_asking(std::size_t /*turn*/) {}           // counts from 1 in each question
  virtual void on_text(std::string_view /*piece*/) {}       // of the answer, as it comes
  virtual void on_answered() {}                             // the request of that turn is over
  virtual void on_calls_starting(std::size_t /*count*/) {}  // the answer has so many
  virtual void on_calls_done(const call::Reply& /*reply*/) {}

  // The history has grown by this message, or has lost its last ones.
  virtual void on_message(const protocol::Message& /*message*/) {}
  virtual void on_forgotten(std::size_t /*messages*/) {}

  // Whether a person lets this call of a tool with Policy::needs_approval run. May block.
  virtual bool approves(const call::Call& /*call*/) { return false; }
};

class Conversation final {
 public:
  // The references and the tools must outlive it.
  Conversation(Model& model, std::span<const call::ToolSpec> tools, OpenTurn open_turn,
               Listener& listener, ConversationOptions options);

  // Goes on from there; calls in it that have no results get them, as interrupted. For a
  // conversation in which nothing was asked yet.
  void resume(std::vector<protocol::Message> history);

  // bad_input when `options.allowed` names a tool that is not there, or the model cannot be asked
  // for what the options want or about the question's files.
  [[nodiscard]] Result<void> check(const protocol::UserText& question = {}) const;

  // A question that fails or is cancelled stays in the history, with what came of it.
  [[nodiscard]] Answer ask(protocol::UserText question);

  // Asks the model for what the history awaits: after forget_answer(), or an ask() that failed.
  [[nodiscard]] Answer go_on();

  // Takes back all that came after the newest question; false when there is no question.
  [[nodiscard]] bool forget_answer();

  // Another model for what comes; it must outlive the conversation.
  void set_model(Model& model) { model_ = &model; }

  // Makes a running ask() end soon as cancelled, its calls too, and every later one at once.
  void cancel();

  // Takes cancel() back. Not while ask() runs.
  void uncancel();

  [[nodiscard]] std::span<const protocol::Message> history() const { return history_; }

  // What the model would be asked now.
  [[nodiscard]] protocol::ModelRequest request() const;

 private:
  class Turn;  // one answer of the model and its calls
  enum class Stop { none, cancelled, late };

  void stop(Stop why);
  [[nodiscard]] bool is_stopped() const { return stop_.load() != Stop::none; }
  void keep(protocol::Message message);
  [[nodiscard]] Answer take_turns();
  [[nodiscard]] Result<protocol::ModelTurn> ask_model(std::size_t number, bool is_retry,
                                                      Turn& turn);
  [[nodiscard]] bool retries(const protocol::ModelTurn& turn, std::size_t& left) const;
  [[nodiscard]] bool keep_results(call::Reply reply, Answer& answer);
  [[nodiscard]] std::optional<call::Outcome> find_objection(const call::Call& call) const;
  [[nodiscard]] bool needs_approval(const call::Call& call) const;
  static void conclude(const protocol::ModelTurn& turn, Answer& answer);

  Model* model_;                          // never null
  std::vector<call::ToolSpec> declared_;  // those the model is shown
  const std::span<const call::ToolSpec> tools_;
  const OpenTurn open_turn_;
  Listener& listener_;
  const ConversationOptions options_;
  std::vector<protocol::Message> history_;
  std::atomic<Stop> stop_ = Stop::none;
  std::mutex running_mutex_;
  Turn* running_ = nullptr;  // guarded by running_mutex_
};

}  // namespace atonce::model
