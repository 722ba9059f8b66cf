#include "tests/web/service_fixture.h"

#include <utility>

namespace spirogram::testing {
namespace {

web::ServerContext Filled(FakeStore* store) {
  FillFakeStore(store);
  return MakeContext(store);
}

}  // namespace

web::ServerContext MakeContext(FakeStore* store) {
  web::ServerContext context;
  context.store = store;
  context.status = {.version = "0.1.0",
                    .logdir = "runs",
                    .gpu = std::nullopt,
                    .gpu_reason = "libcuda.so.1 is not installed",
                    .can_delete_files = true,
                    .keep_deleted_s = 604'800};
  context.static_files = {};
  context.projector.pca = [](const projector::MatrixView& matrix,
                             const projector::PcaOptions& options, const std::stop_token&) {
    projector::PcaResult result;
    result.coordinates.assign(static_cast<size_t>(matrix.points * std::ssize(options.drawn)), 0.5f);
    result.variance_share = {0.75, 0.25};
    return Result<projector::PcaResult>(std::move(result));
  };
  context.projector.tsne = [](const projector::MatrixView&, const projector::TsneOptions&,
                              const std::function<void(const projector::TsneProgress&)>&,
                              std::stop_token) {
    return Result<projector::TsneResult>(Unavailable("no t-SNE in this test"));
  };
  return context;
}

web::Request MakeRequest(std::string method, std::string target, std::vector<web::Header> headers,
                         std::string body) {
  web::Request request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = std::move(headers);
  if (!web::HasHeader(request.headers, "Host")) request.headers.push_back({"Host", "localhost"});
  request.body = std::move(body);
  request.id = "id";
  return request;
}

ServiceFixture::ServiceFixture() : service(Filled(&store), web::HostRules("127.0.0.1", {})) {}
ServiceFixture::~ServiceFixture() = default;

web::Response ServiceFixture::Send(std::string method, std::string target, std::string body,
                                   std::vector<web::Header> headers) {
  return service.Handle(
      MakeRequest(std::move(method), std::move(target), std::move(headers), std::move(body)));
}

web::Response ServiceFixture::Get(std::string target) {
  return service.Handle(MakeRequest("GET", std::move(target)));
}

}  // namespace spirogram::testing
