#include "http/loopback_server.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <list>
#include <mutex>
#include <thread>
#include <utility>

namespace atonce::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::system::error_code;

Certificate make_certificate(const std::string& subject) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> made(X509_new(), X509_free);
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_NAME* const name = X509_get_subject_name(made.get());
  const std::string common = "atonce test " + subject;
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(common.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  X509_set_pubkey(made.get(), key.get());
  X509_EXTENSION* const names =
      X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject.c_str());
  X509_add_ext(made.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(made.get(), key.get(), EVP_sha256());

  const auto text_of = [](auto write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    write(memory.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(memory.get(), &text);
    return std::string(text, static_cast<std::size_t>(size));
  };
  return {text_of([&](BIO* out) { PEM_write_bio_X509(out, made.get()); }), text_of([&](BIO* out) {
            PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

struct LoopbackServer::Peer::Stream {
  Stream(asio::io_context& io, asio::ssl::context& tls) : tls_stream(io, tls) {}

  asio::ip::tcp::socket& socket() { return tls_stream.next_layer(); }

  asio::ssl::stream<asio::ip::tcp::socket> tls_stream;
  beast::flat_buffer buffer;
  bool has_tls = false;
};

std::optional<Received> LoopbackServer::Peer::read() {
  beast::http::request_parser<beast::http::string_body> parser;
  parser.body_limit(std::uint64_t{256} << 20);
  error_code error;
  if (stream_.has_tls) {
    beast::http::read(stream_.tls_stream, stream_.buffer, parser, error);
  } else {
    beast::http::read(stream_.socket(), stream_.buffer, parser, error);
  }
  if (error) return std::nullopt;
  const auto message = parser.release();
  Received received{
      std::string(message.method_string()), std::string(message.target()), {}, message.body()};
  for (const auto& field : message) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    received.headers[name] = std::string(field.value());
  }
  return received;
}

bool LoopbackServer::Peer::write(std::string_view bytes) {
  error_code error;
  if (stream_.has_tls) {
    asio::write(stream_.tls_stream, asio::buffer(bytes), error);
  } else {
    asio::write(stream_.socket(), asio::buffer(bytes), error);
  }
  return !error;
}

bool LoopbackServer::Peer::answer(int status, std::string_view body, std::string_view headers) {
  return write("HTTP/1.1 " + std::to_string(status) +
               " Status\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               std::string(headers) + "\r\n" + std::string(body));
}

void LoopbackServer::Peer::wait_until_closed() {
  error_code error;
  char bytes[4096];
  while (!error) stream_.socket().read_some(asio::buffer(bytes), error);
}

bool LoopbackServer::Peer::start_tls() {
  error_code error;
  stream_.tls_stream.handshake(asio::ssl::stream_base::server, error);
  stream_.has_tls = !error;
  return stream_.has_tls;
}

std::string LoopbackServer::Peer::server_name() {
  const char* name =
      SSL_get_servername(stream_.tls_stream.native_handle(), TLSEXT_NAMETYPE_host_name);
  return name != nullptr ? name : "";
}

class LoopbackServer::Impl {
 public:
  Impl(Script script, const Certificate* certificate)
      : script_(std::move(script)),
        acceptor_(io_, {asio::ip::address_v4::loopback(), 0}),
        port_(acceptor_.local_endpoint().port()) {
    if (certificate != nullptr) {
      tls_.use_certificate(asio::buffer(certificate->certificate), asio::ssl::context::pem);
      tls_.use_private_key(asio::buffer(certificate->key), asio::ssl::context::pem);
    }
    thread_ = std::thread([this] { accept(); });
  }

  ~Impl() {
    is_stopped_ = true;
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);  // wakes accept()
    thread_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
      is_refusing_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
  }

  [[nodiscard]] unsigned short port() const { return port_; }
  [[nodiscard]] std::size_t connections() const { return connections_; }

 private:
  void accept() {
    while (!is_stopped_) {
      auto stream = std::make_unique<Peer::Stream>(io_, tls_);
      error_code error;
      acceptor_.accept(stream->socket(), error);
      if (error) return;
      ++connections_;
      threads_.emplace_back([this, stream = std::move(stream)] { serve(*stream); });
    }
  }

  void serve(Peer::Stream& stream) {
    const int socket = stream.socket().native_handle();
    {
      const std::lock_guard lock(mutex_);
      if (is_refusing_) return;
      sockets_.push_back(socket);
    }
    Peer peer(stream);
    script_(peer);
    const std::lock_guard lock(mutex_);
    sockets_.remove(socket);
    error_code ignored;
    stream.socket().close(ignored);
  }

  const Script script_;
  asio::io_context io_;
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  asio::ip::tcp::acceptor acceptor_;
  const unsigned short port_;
  std::atomic<bool> is_stopped_ = false;
  std::atomic<std::size_t> connections_ = 0;
  std::thread thread_;
  std::list<std::thread> threads_;  // the accepting thread's, then the destructor's
  std::mutex mutex_;
  // Guarded by mutex_.
  std::list<int> sockets_;  // those being served
  bool is_refusing_ = false;
};

LoopbackServer::LoopbackServer(Script script, const Certificate* certificate)
    : impl_(std::make_unique<Impl>(std::move(script), certificate)) {}

LoopbackServer::~LoopbackServer() = default;

unsigned short LoopbackServer::port() const { return impl_->port(); }

std::string LoopbackServer::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

std::size_t LoopbackServer::connections() const { return impl_->connections(); }

}  // namespace atonce::http
