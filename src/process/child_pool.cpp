#include "process/child_pool.h"

#include <utility>

namespace atonce::process {

ChildPool::ChildPool(ChildPoolOptions options) : options_(std::move(options)) {
  thread_ = std::thread([this] { work(); });
}

ChildPool::~ChildPool() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<std::unique_ptr<Child>> ChildPool::take(const std::function<bool()>& gives_up) {
  std::unique_lock lock(mutex_);
  ++waiting_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return !idle_.empty() || !failed_.empty() || gives_up(); });
  --waiting_;
  if (!idle_.empty()) {
    std::unique_ptr<Child> child = std::move(idle_.back());
    idle_.pop_back();
    return child;
  }
  if (failed_.empty()) return nullptr;
  Error error = std::move(failed_.back());
  failed_.pop_back();
  return std::unexpected(std::move(error));
}

void ChildPool::give_back(std::unique_ptr<Child> child) {
  const bool is_usable = child->is_usable();
  std::unique_ptr<Child> ended = is_usable ? nullptr : std::move(child);
  ended.reset();  // it may take a moment, so not under the lock
  {
    const std::lock_guard lock(mutex_);
    if (is_usable) {
      idle_.push_back(std::move(child));
    } else {
      --alive_;
    }
  }
  changed_.notify_all();
}

void ChildPool::look_again() {
  {
    const std::lock_guard lock(mutex_);
  }  // whoever is about to wait has asked before
  changed_.notify_all();
}

Result<std::unique_ptr<Child>> ChildPool::start_child() {
  if (!options_.is_forking) return Child::start(options_.command);
  if (server_) {
    if (auto child = Child::fork(server_)) return child;
    server_.reset();  // it may be gone
  }
  auto server = ForkServer::start(options_.command);
  if (!server) return std::unexpected(server.error());
  server_ = *std::move(server);
  return Child::fork(server_);
}

void ChildPool::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] {
      const std::size_t wanted = waiting_ + options_.spares;
      return is_ending_ || (idle_.size() < wanted && alive_ < options_.most_children);
    });
    if (is_ending_) break;
    ++alive_;
    lock.unlock();
    auto child = start_child();
    lock.lock();
    if (child) {
      idle_.push_back(*std::move(child));
    } else {
      --alive_;
      // Without a process to be had there is no use in asking again for spares; who waits is told.
      for (std::size_t each = 0; each < waiting_; ++each) failed_.push_back(child.error());
      changed_.notify_all();
      changed_.wait(lock, [this] { return is_ending_ || failed_.empty(); });
    }
    changed_.notify_all();
  }
  std::vector<std::unique_ptr<Child>> last = std::exchange(idle_, {});
  lock.unlock();
}

}  // namespace atonce::process
