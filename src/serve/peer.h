// Where the messages go that belong to one request, over whichever transport it came.
//
// Thread safety: all functions from any thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace atonce::serve {

class Peer {
 public:
  virtual ~Peer() = default;

  // A notification, or a question of ours, on the way to the answer. False when nobody is there to
  // read it, or the answer has been given.
  virtual bool send(std::string_view message) = 0;

  // The answer, once; what is sent later is dropped. `status` is the HTTP status that it has where
  // it is the first thing that is sent.
  virtual void finish(std::string message, int status) = 0;

  // Called when the client leaves before the answer: at most once, from any thread, at once if it
  // has left already. Never called over transports where leaving means nothing.
  virtual void on_gone(std::move_only_function<void()> gone) = 0;
};

}  // namespace atonce::serve
