// What an Exchange and the session that waits for its answer share. Internal to http/.
//
// Users write the answer into it, the session takes it out and sends it. Used again for the next
// request when nobody holds an Exchange of the last one.
//
// Thread safety: the users' functions from any thread; the session's on its own thread. The request
// is written by the session while is_free(), and only read otherwise.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "http/exchange.h"

namespace atonce::http {

// The session, as far as those who answer see it.
class Wakeable {
 public:
  // Makes the session look at its exchange soon. Called from any thread.
  virtual void wake() = 0;

  // Sends what the socket takes without waiting, and says how much that was. Called from any
  // thread, while the session waits for its answer and cannot close.
  virtual std::size_t send_directly(std::string_view bytes) = 0;

 protected:
  ~Wakeable() = default;
};

// What decides the form of an answer, known when the request is.
struct AnswerForm {
  bool is_head = false;
  bool is_http_1_0 = false;
  bool is_last = false;  // the connection ends with it
};

// The lines of an answer up to and with the empty one; `length` in `body_bytes`, or none for what
// comes in pieces.
void append_head(std::string& out, int status, std::string_view fields, const AnswerForm& form,
                 std::optional<std::size_t> body_bytes);

class Exchange::State final {
 public:
  explicit State(std::size_t max_unsent_bytes) : max_unsent_bytes_(max_unsent_bytes) {}
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Incoming request;

  // --- users ---
  void answer(int status, std::string_view fields, std::string body);
  void begin(int status, std::string_view fields);
  bool write(std::string_view piece);
  void end();
  void on_gone(std::move_only_function<void()> gone);
  void let_go();  // the last Exchange is gone

  // --- the session ---
  struct Step {
    bool is_last = false;   // the answer is whole with this
    bool is_cut = false;    // see is_cut()
    bool is_final = false;  // the connection cannot carry another answer
  };

  [[nodiscard]] bool is_free() const;
  // The request is whole. Until wait() nobody is woken: the session looks by itself.
  void open(Wakeable& session, AnswerForm form);
  // Whether there is nothing to take, so that the session may sleep until it is woken. With
  // `may_send` a whole answer may be sent by whoever gives it, and the session sleeps on: two
  // changes of thread less. It finds out when it looks next; see is_settled().
  [[nodiscard]] bool wait(bool may_send);
  // The connection is to be closed: too much of the answer waits, or its end will never come.
  [[nodiscard]] bool is_cut() const;
  // The answer was sent that way, and the session does not know yet.
  [[nodiscard]] bool is_settled() const;
  // What is there of the answer: `out`, and behind it `body`. Their capacities are used again.
  [[nodiscard]] Step take(std::string& out, std::string& body);
  // The connection ends with this answer, if that is not yet begun.
  void end_keep_alive();
  // The whole answer is sent: nobody can be gone any more.
  void close();
  // No more of the answer can be sent.
  void lose();

 private:
  enum class Phase { closed, waiting, in_pieces, whole, gone };

  void wake_locked();
  void cut_locked();
  [[nodiscard]] bool send_locked();
  [[nodiscard]] bool has_no_body(int status) const;

  const std::size_t max_unsent_bytes_;
  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  Phase phase_ = Phase::closed;
  AnswerForm form_ = {};
  Wakeable* session_ = nullptr;  // null outside open() to close() or lose()
  bool is_held_ = false;
  bool may_wake_ = false;
  bool may_send_ = false;
  bool is_settled_ = false;
  bool is_woken_ = false;  // and has not looked yet
  bool is_chunked_ = false;
  bool drops_pieces_ = false;  // to HEAD
  bool is_cut_ = false;
  std::size_t unsent_bytes_ = 0;  // in out_, and given to the session since its last look
  std::string out_;
  std::string body_;
  std::move_only_function<void()> gone_;
};

}  // namespace atonce::http
