// Projections and findings over a store on disk, by the projector that the program has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/str.h"
#include "tests/store/store_fixture.h"
#include "tests/web/columns_reader.h"
#include "web/service.h"

namespace spirogram::web {
namespace {

using nlohmann::json;
using spirogram::testing::ReadColumns;

constexpr int kRows = 150;

class ProjectionStoreTest : public store::StoreFixture {
 protected:
  void SetUp() override {
    WriteRun();
    Serve();
  }

  // Three clusters of points, an animal each.
  void WriteRun() {
    std::string tensors;
    std::string metadata;
    for (int row = 0; row < kRows; ++row) {
      for (int k = 0; k < 4; ++k) {
        tensors +=
            StrCat(k > 0 ? "\t" : "", (row % 3 == k ? 10 : 0) + 0.01 * ((row * (k + 7)) % 31));
      }
      tensors += "\n";
      metadata += row % 3 == 0 ? "cat\n" : row % 3 == 1 ? "dog\n" : "owl\n";
    }
    ASSERT_TRUE(MakeFolders(logdir() + "/run/00001/default").ok());
    ASSERT_TRUE(WriteFileAtomically(logdir() + "/run/00001/default/tensors.tsv", tensors).ok());
    ASSERT_TRUE(WriteFileAtomically(logdir() + "/run/00001/default/metadata.tsv", metadata).ok());
    ASSERT_TRUE(WriteFileAtomically(logdir() + "/run/projector_config.pbtxt", R"(embeddings {
  tensor_name: "default:00001"
  tensor_path: "00001/default/tensors.tsv"
  metadata_path: "00001/default/metadata.tsv"
})")
                    .ok());
    testing::EventBuilder().Scalar("x", 0, 1).AppendTo(EventFile("run"));
  }

  // As after a restart: nothing is left but what is on the disk.
  void Serve() {
    service_.reset();
    Load();
    ServerContext context;
    context.store = store_.get();
    context.projector = {projector::Pca, projector::Tsne, projector::Umap,
                         projector::TransformPoints};
    context.static_files = {};
    service_ = std::make_unique<Service>(std::move(context), HostRules("127.0.0.1", {}));
  }

  Response Send(std::string method, std::string target, std::string body = "") {
    Request request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.headers = {{"Host", "localhost"}};
    request.body = std::move(body);
    request.id = "id";
    return service_->Handle(request);
  }

  json Start(const std::string& fields, int status) {
    const Response response = Send("POST", "/api/v1/projections",
                                   StrCat(R"({"run":)", FindRun("run").id,
                                          R"(,"tag":"default","method":"tsne",)", fields, "}"));
    EXPECT_EQ(response.status, status) << response.body;
    return json::parse(response.body);
  }

  json WaitUntilDone(int64_t id) {
    while (true) {
      json projection = json::parse(Send("GET", StrCat("/api/v1/projections/", id)).body);
      const std::string state = projection.at("state");
      if (state != "queued" && state != "running") return projection;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  }

  std::unique_ptr<Service> service_;
};

TEST_F(ProjectionStoreTest, OpensAStoredMapAtOnceAfterARestart) {
  const std::string fields = R"("perplexity":10,"iterations":100,"metric":"cosine")";
  const json done = WaitUntilDone(Start(fields, 201).at("id"));
  ASSERT_EQ(done.at("state"), "done") << done;
  EXPECT_GT(done.at("quality").at("trustworthiness").get<double>(), 0.7);
  EXPECT_EQ(done.at("quality").at("queries"), kRows);
  EXPECT_EQ(done.at("metric"), "cosine");
  EXPECT_EQ(done.at("alignment_residual"), nullptr);
  const std::string map =
      ReadColumns(
          Send("GET", StrCat("/api/v1/projections/", done.at("id").get<int64_t>(), "/coordinates"))
              .body)
          .data;
  Serve();
  json again = Start(fields, 200);
  EXPECT_EQ(again, done);
  EXPECT_EQ(ReadColumns(Send("GET", "/api/v1/projections/1/coordinates").body).data, map);
  EXPECT_EQ(Start(R"("perplexity":10,"iterations":100)", 201).at("quality"), nullptr);
}

TEST_F(ProjectionStoreTest, AnswersAStoredMapWithItsCoordinatesWhereAskedFor) {
  const std::string body =
      StrCat(R"({"run":)", FindRun("run").id, R"(,"tag":"default","method":"pca"})");
  const auto post = [&](const std::string& query) {
    return Send("POST", "/api/v1/projections" + query, body);
  };
  const Response first = post("?coordinates=1000");
  EXPECT_EQ(first.status, 201) << "there is no map yet";
  WaitUntilDone(json::parse(first.body).at("id"));
  const Response map = post(StrCat("?coordinates=", kRows));
  EXPECT_EQ(map.status, 200);
  EXPECT_EQ(map.Get("Location"), "/api/v1/projections/1");
  const auto message = ReadColumns(map.body);
  EXPECT_EQ(message.items.at(0).at("state"), "done");
  EXPECT_EQ(message.Column<float>(0, "coordinates").size(), 2U * kRows);
  EXPECT_EQ(json::parse(post(StrCat("?coordinates=", kRows - 1)).body).at("points"), kRows)
      << "more points than asked for";
  EXPECT_EQ(post("?coordinates=-1").status, 400);
}

TEST_F(ProjectionStoreTest, StartsNothingWhereItIsAskedForWhatIsKnown) {
  const std::string body =
      StrCat(R"({"run":)", FindRun("run").id,
             R"(,"tag":"default","method":"tsne","perplexity":10,"iterations":10000})");
  const auto post = [&](const std::string& query) {
    return Send("POST", "/api/v1/projections" + query, body);
  };
  EXPECT_EQ(post("?if_known=1&coordinates=1000").status, 204);
  EXPECT_EQ(json::parse(Send("GET", "/api/v1/projections").body).at("projections").size(), 0U);
  const json job = json::parse(post("").body);
  const Response running = post("?if_known=1");
  EXPECT_EQ(running.status, 200);
  EXPECT_EQ(json::parse(running.body).at("id"), job.at("id")) << "who asks sees it run";
  // As many as have the same early exaggeration: of fewer it would be another map.
  Send("PATCH", "/api/v1/projections/1", R"({"iterations":600})");
  const json done = WaitUntilDone(1);
  Serve();
  const std::string as_it_ended =
      StrCat(R"({"run":)", FindRun("run").id, R"(,"tag":"default","method":"tsne",)",
             R"("perplexity":10,"iterations":)", done.at("iterations").get<int>(), "}");
  const Response stored =
      Send("POST", "/api/v1/projections?if_known=1&coordinates=1000", as_it_ended);
  EXPECT_EQ(stored.status, 200) << "after a restart too";
  EXPECT_EQ(ReadColumns(stored.body).Column<float>(0, "coordinates").size(), 2U * kRows);
  EXPECT_EQ(post("?if_known=2").status, 400);
}

TEST_F(ProjectionStoreTest, GoesOnFromAStoredMap) {
  const std::string fields = R"("perplexity":10,"iterations":400)";
  WaitUntilDone(Start(fields, 201).at("id"));
  Serve();
  const int64_t start = Start(fields, 200).at("id");
  const json done = WaitUntilDone(
      Start(StrCat(R"("perplexity":10,"iterations":40,"start":)", start), 201).at("id"));
  EXPECT_EQ(done.at("state"), "done") << done;
  EXPECT_EQ(done.at("start"), start);
  EXPECT_TRUE(done.at("alignment_residual").is_number());
}

TEST_F(ProjectionStoreTest, NamesClustersByTheMetadataFile) {
  const std::string target =
      StrCat("/api/v1/embeddings/statistics?step=1&tag=default&run=", FindRun("run").id);
  Response response = Send("GET", target);
  while (response.status == 202) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    response = Send("GET", target);
  }
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_THAT(response.body, ::testing::HasSubstr(" = cat"));
}

}  // namespace
}  // namespace spirogram::web
