// The server's connections over TLS.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "http/client.h"
#include "http/loopback_server.h"
#include "http/raw_client.h"
#include "http/server.h"

namespace atonce::http {
namespace {

using namespace std::chrono_literals;

// A certificate and its key in files, trusted by the clients that are made while this lives.
class Files {
 public:
  explicit Files(const std::string& subject = "DNS:localhost,IP:127.0.0.1") {
    std::filesystem::create_directory(folder_);
    write(make_certificate(subject));
    ::setenv("SSL_CERT_FILE", tls().certificate.c_str(), 1);
  }
  ~Files() {
    ::unsetenv("SSL_CERT_FILE");
    std::filesystem::remove_all(folder_);
  }

  void write(const Certificate& certificate) const {
    std::ofstream(tls().certificate) << certificate.certificate;
    std::ofstream(tls().key) << certificate.key;
  }
  [[nodiscard]] TlsFiles tls() const { return {folder_ / "certificate.pem", folder_ / "key.pem"}; }

 private:
  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("atonce-server-tls-" + std::to_string(::getpid()));
};

ServerOptions over_tls(const Files& files, ServerOptions options = {}) {
  options.port = 0;
  options.tls = files.tls();
  return options;
}

Client direct() {
  ClientOptions options;
  options.proxies = {};
  return Client(std::move(options));
}

std::string url(const Server& server, const std::string& path = "/") {
  return "https://localhost:" + std::to_string(server.port()) + path;
}

void echo(const std::shared_ptr<Exchange>& exchange) {
  exchange->answer(200, "", std::string(exchange->request().body()));
}

TEST(HttpServerTls, AnswersSmallAndLarge) {
  const Files files;
  const auto server = Server::listen(over_tls(files), echo);
  ASSERT_TRUE(server) << server.error().message;
  Client client = direct();
  for (const std::size_t size : {5U, 3'000'000U, 7U}) {
    const std::string body(size, 'x');
    const auto answer =
        client.send({.method = "POST", .url = url(**server), .body = body, .timeout = 20s});
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_TRUE(answer->body == body);
  }
}

TEST(HttpServerTls, AnswersInPiecesFromAnotherThread) {
  const Files files;
  std::jthread worker;
  const auto server = Server::listen(over_tls(files), [&](std::shared_ptr<Exchange> exchange) {
    worker = std::jthread([exchange = std::move(exchange)] {
      exchange->begin(200, "");
      for (int piece = 0; piece < 100; ++piece) exchange->write("piece ");
      exchange->end();
    });
  });
  ASSERT_TRUE(server) << server.error().message;
  Client client = direct();
  std::string came;
  const auto answer = client.send({.url = url(**server), .timeout = 20s}, [&](std::string_view it) {
    came += it;
    return true;
  });

  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(came.size(), 600U);
}

TEST(HttpServerTls, NoticesAClientThatLeaves) {
  const Files files;
  std::promise<void> gone;
  std::shared_ptr<Exchange> kept;
  Client client = direct();
  const auto server = Server::listen(over_tls(files), [&](std::shared_ptr<Exchange> exchange) {
    kept = std::move(exchange);
    kept->on_gone([&] { gone.set_value(); });
    client.cancel();
  });
  ASSERT_TRUE(server) << server.error().message;

  const auto answer = client.send({.url = url(**server), .timeout = 20s});

  EXPECT_FALSE(answer);
  EXPECT_EQ(gone.get_future().wait_for(20s), std::future_status::ready);
}

TEST(HttpServerTls, ClosesOnWhoSpeaksNoTlsOrNothing) {
  const Files files;
  const auto server = Server::listen(over_tls(files, {.header_timeout = 100ms}), echo);
  ASSERT_TRUE(server) << server.error().message;
  RawClient plain((*server)->port());
  plain.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  RawClient silent((*server)->port());

  EXPECT_FALSE(plain.read_all().contains("200"));
  EXPECT_EQ(silent.read_all(), "");
}

TEST(HttpServerTls, UsesACertificateThatHasChangedAfterReload) {
  const Files files;
  const auto server = Server::listen(over_tls(files), echo);
  ASSERT_TRUE(server) << server.error().message;
  Client before = direct();
  ASSERT_TRUE(before.send({.url = url(**server), .timeout = 20s}));

  std::ofstream(files.tls().key) << "broken";
  const auto broken = (*server)->reload_tls();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, ErrorCode::bad_input);
  Client still = direct();
  EXPECT_TRUE(still.send({.url = url(**server), .timeout = 20s}));

  files.write(make_certificate("DNS:localhost,DNS:second"));
  ASSERT_TRUE((*server)->reload_tls());
  EXPECT_TRUE(before.send({.url = url(**server), .timeout = 20s}));  // its connection goes on
  Client after = direct();                                           // trusts only the new one
  const auto answer = after.send({.url = url(**server), .timeout = 20s});
  EXPECT_TRUE(answer) << answer.error().message;
}

TEST(HttpServerTls, SaysWhatIsWrongWithTheFiles) {
  const Files files;
  const auto message = [](const TlsFiles& tls) {
    ServerOptions options;
    options.port = 0;
    options.tls = tls;
    const auto server = Server::listen(options, echo);
    if (server) return std::string("listens");
    EXPECT_EQ(server.error().code, ErrorCode::bad_input);
    EXPECT_FALSE(server.error().hint.empty());
    return server.error().message;
  };
  const TlsFiles good = files.tls();
  const std::string certificate = "`" + good.certificate.string() + "`";
  const std::string key = "`" + good.key.string() + "`";

  EXPECT_EQ(message({good.certificate, "nowhere.pem"}), "the key `nowhere.pem` cannot be read");
  EXPECT_EQ(message({"nowhere.pem", good.key}), "the certificate `nowhere.pem` cannot be read");
  EXPECT_TRUE(message({good.key, good.key}).starts_with(key + " has no usable certificate"));
  EXPECT_TRUE(message({good.certificate, good.certificate})
                  .starts_with(certificate + " has no usable key for the certificate"));
  const auto other = make_certificate("DNS:other");
  std::ofstream(good.key) << other.key;
  EXPECT_TRUE(message(good).starts_with(key + " has no usable key for the certificate"));
}

}  // namespace
}  // namespace atonce::http
