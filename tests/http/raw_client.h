// A connection to a server on this machine that sends exactly the bytes of a test and shows what
// comes back. Every wait ends after 20 seconds, with what has come by then.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace atonce::http {

class RawClient final {
 public:
  explicit RawClient(unsigned short port, int receive_bytes = 0)
      : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    // Small, so that a client that does not read is noticed after a few kilobytes.
    if (receive_bytes > 0) {
      ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    }
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ =
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  RawClient(RawClient&& other) noexcept
      : socket_(std::exchange(other.socket_, -1)),
        is_connected_(other.is_connected_),
        unread_(std::move(other.unread_)) {}
  RawClient& operator=(RawClient&&) = delete;
  ~RawClient() { close(); }

  [[nodiscard]] bool is_connected() const { return is_connected_; }

  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Up to and with `end`; all that came if the connection ends before.
  std::string read_until(std::string_view end) {
    std::size_t at = 0;
    while ((at = unread_.find(end)) == std::string::npos) {
      if (!receive()) return std::exchange(unread_, "");
    }
    std::string read = unread_.substr(0, at + end.size());
    unread_.erase(0, at + end.size());
    return read;
  }

  std::string read_bytes(std::size_t count) {
    while (unread_.size() < count) {
      if (!receive()) return std::exchange(unread_, "");
    }
    std::string read = unread_.substr(0, count);
    unread_.erase(0, count);
    return read;
  }

  // Everything until the server closes; "..." is added if it does not.
  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(unread_, "") + (is_at_end_ ? "" : "...");
  }

  // An answer with a length: its head without the Date, and its body.
  std::string read_answer() {
    std::string head = read_until("\r\n\r\n");
    const std::size_t date = head.find("Date: ");
    if (date != std::string::npos) head.erase(date, head.find("\r\n", date) + 2 - date);
    const std::size_t length = head.find("Content-Length: ");
    if (length == std::string::npos) return head;
    return head + read_bytes(std::strtoul(head.c_str() + length + 16, nullptr, 10));
  }

  // Closes without a word (RST) instead of with an end (FIN).
  void reset() {
    const linger none{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    close();
  }

  void close() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }

 private:
  bool receive() {
    char bytes[16384];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count > 0) unread_.append(bytes, static_cast<std::size_t>(count));
    is_at_end_ = count == 0 || (count < 0 && errno == ECONNRESET);
    return count > 0;
  }

  int socket_;
  bool is_connected_ = false;
  bool is_at_end_ = false;
  std::string unread_;
};

}  // namespace atonce::http
