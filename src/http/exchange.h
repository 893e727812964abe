// One request that a server was asked, and the answer that somebody gives to it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atonce::http {

// A request, whole. Valid and unchanged as long as its Exchange, whatever becomes of the
// connection.
//
// Thread safety: const, so any number of threads may read it.
class Incoming final {
 public:
  struct Field {
    std::string_view name;   // as it was written
    std::string_view value;  // without the blanks around it
  };

  [[nodiscard]] std::string_view method() const { return method_; }
  [[nodiscard]] std::string_view target() const { return target_; }  // path and query, as they came
  [[nodiscard]] std::string_view body() const { return body_; }
  [[nodiscard]] std::string_view remote() const { return remote_; }  // the peer's address, no port
  [[nodiscard]] std::span<const Field> headers() const { return fields_; }  // in order

  // The value of the first header of that name, in whatever case.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  // How many headers have that name.
  [[nodiscard]] std::size_t count(std::string_view name) const;

 private:
  friend class RequestParser;
  friend class Session;

  std::string head_ = {};  // what the views below look at
  std::string body_ = {};
  std::string remote_ = {};
  std::string_view method_ = {};
  std::string_view target_ = {};
  std::vector<Field> fields_ = {};
};

// The first answer counts, later ones are dropped. An Exchange that everybody has let go of without
// an answer is answered 500, one that was begun and not ended is cut off.
//
// `fields` are whole header lines, each with its CRLF, or nothing. Date, Content-Length,
// Transfer-Encoding and Connection are the server's.
//
// Thread safety: all functions from any thread; none blocks.
class Exchange final {
 public:
  class State;  // internal to http/
  explicit Exchange(std::shared_ptr<State> state);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  [[nodiscard]] const Incoming& request() const;

  // The whole answer. To HEAD, and with 204 and 304, no body is sent.
  void answer(int status, std::string_view fields, std::string body);

  // An answer in pieces: chunked; to HTTP/1.0, up to the close of the connection.
  void begin(int status, std::string_view fields);
  // Sent soon. False when it never will be: the client has left, or was cut off because more than
  // ServerOptions::max_unsent_bytes waited for it; or there is no answer begun.
  bool write(std::string_view piece);
  void end();

  // Calls `gone` at most once: when the client leaves (it closes its side, or the connection
  // breaks), or is cut off, before the whole answer is sent. On a thread of the server; at once, on
  // the caller's, if that has happened already. A later call replaces an earlier one's function.
  void on_gone(std::move_only_function<void()> gone);

 private:
  const std::shared_ptr<State> state_;
};

}  // namespace atonce::http
