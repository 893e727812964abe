// The types that the server's coroutines are made of. Internal to http/.
#pragma once

#include <algorithm>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>

namespace atonce::http {

// With the executor's own type: type-erased executors cost a microsecond a request.
using Executor = boost::asio::io_context::executor_type;
using ServerSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
template <typename T>
using Task = boost::asio::awaitable<T, Executor>;
inline constexpr boost::asio::use_awaitable_t<Executor> kAwait;

// Where one coroutine waits until something has changed. What it waits for is a condition that it
// looks at before and after: notify() for nobody is not kept.
//
// Thread safety: one thread.
class Signal final {
 public:
  // Resumes the coroutine before it returns.
  void notify() {
    if (waiter_) std::exchange(waiter_, nullptr)();
  }

  [[nodiscard]] Task<void> wait() {
    return boost::asio::async_initiate<decltype(kAwait), void()>(
        [this](auto handler) { waiter_ = std::move(handler); }, kAwait);
  }

 private:
  std::move_only_function<void()> waiter_;
};

// Bytes that came and are not parsed yet. Nothing moves while a read is under way: only prepare()
// moves or grows.
class Inbox final {
 public:
  [[nodiscard]] std::string_view bytes() const { return {data_.get() + begin_, end_ - begin_}; }
  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool is_empty() const { return begin_ == end_; }
  void consume(std::size_t count) { begin_ += count; }

  // Room for at least `wanted` bytes more, and for whatever else is there.
  [[nodiscard]] boost::asio::mutable_buffer prepare(std::size_t wanted) {
    const std::size_t kept = size();
    if (capacity_ - kept < wanted) {
      const std::size_t capacity = std::max({kept + wanted, 2 * capacity_, kFirstBytes});
      auto data = std::make_unique_for_overwrite<char[]>(capacity);
      if (kept > 0) std::memcpy(data.get(), data_.get() + begin_, kept);
      data_ = std::move(data);
      capacity_ = capacity;
    } else if (begin_ > 0 && kept > 0) {
      std::memmove(data_.get(), data_.get() + begin_, kept);
    }
    begin_ = 0;
    end_ = kept;
    return boost::asio::buffer(data_.get() + end_, capacity_ - end_);
  }
  void commit(std::size_t count) { end_ += count; }

  // What prepare() could give without growing.
  [[nodiscard]] std::size_t room() const { return capacity_ - size(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  // Gives the memory back; what was there is lost.
  void release() {
    data_ = nullptr;
    capacity_ = begin_ = end_ = 0;
  }

 private:
  static constexpr std::size_t kFirstBytes = 2048;  // what an idle connection costs

  std::unique_ptr<char[]> data_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace atonce::http
