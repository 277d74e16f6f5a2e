// TLS is checked: authority, host's name, host's address. Certificates are made here, so that no key lies in the tree.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "io/http/http_client.h"
#include "io/http/http_test_server.h"

namespace prom::http {
namespace {

using http_test::reply;
using http_test::Server;

std::string drained(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  return out;
}

/// A self-signed certificate for `names` (OpenSSL's subjectAltName form) and its key, both PEM.
struct Identity {
  std::string certificate, key;
  explicit Identity(const char* names) {
    EVP_PKEY* pair = EVP_EC_gen("P-256");
    X509* x = X509_new();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, pair);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(x, X509_get_subject_name(x));
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
    X509_add_ext(x, extension, -1);
    X509_EXTENSION_free(extension);
    X509_sign(x, pair, EVP_sha256());
    BIO* out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, x);
    certificate = drained(out);
    out = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr);
    key = drained(out);
    X509_free(x);
    EVP_PKEY_free(pair);
  }
};

struct HttpTls : testing::Test {
  void SetUp() override {
    file = std::filesystem::temp_directory_path() / ("prom_http_ca_" + std::to_string(::getpid()) + ".pem");
    std::ofstream(file) << identity.certificate;
  }
  void TearDown() override { std::filesystem::remove(file); }
  Client client(const std::string& host, const std::string& ca) { return Client({host, server.port(), Scheme::tls, ca}, {}); }
  Identity identity{"DNS:localhost"};
  Server server{[](const std::string&) { return reply("through TLS"); }, identity.certificate, identity.key};
  std::filesystem::path file;
};

TEST_F(HttpTls, a_trusted_certificate_for_the_host_is_accepted_and_the_name_is_sent) {
  Client one = client("localhost", file.string());
  for (int i = 0; i < 3; ++i) {
    const auto got = one.exchange({});
    ASSERT_TRUE(got) << got.error().detail;
    EXPECT_EQ(got->body, "through TLS");
  }
  EXPECT_EQ(one.connections(), 1U);
  EXPECT_EQ(server.seen_name(), "localhost");
}

TEST_F(HttpTls, a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent) {
  const auto got = client("localhost", "").exchange({});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::tls);
  EXPECT_EQ(got.error().retry, Retry::never);
  EXPECT_EQ(server.requests(), 0U);
}

TEST_F(HttpTls, a_trusted_certificate_for_another_host_is_refused) {
  const auto got = client("127.0.0.1", file.string()).exchange({});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::tls);
  EXPECT_EQ(server.requests(), 0U);
}

TEST_F(HttpTls, a_server_without_tls_is_told_so) {
  Server plain([](const std::string&) { return reply(""); });
  const auto got = Client({"localhost", plain.port(), Scheme::tls, file.string()}, {.connect = std::chrono::milliseconds(500)}).exchange({});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::tls);
}

TEST_F(HttpTls, an_authority_file_that_is_not_there_is_told_and_nothing_is_sent) {
  const auto got = client("localhost", "/nonexistent/ca.pem").exchange({});
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().kind, ErrorKind::tls);
  EXPECT_EQ(server.requests(), 0U);
}

}  // namespace
}  // namespace prom::http
