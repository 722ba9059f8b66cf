// Writes the seeds of the fuzz targets, which are in the tree, below a folder:
//   make_fuzz_corpus tests/fuzz/corpus
// Run it again when a format or a target's input changes.
#include <cstdio>
#include <string>

#include "base/check.h"
#include "base/file.h"
#include "store/block_codec.h"
#include "store/finding_codec.h"
#include "store/histogram_codec.h"
#include "store/profile_codec.h"
#include "store/pyramid.h"
#include "store/record_details.h"
#include "store/value_codec.h"
#include "tests/testing/every_kind.h"

namespace spirogram {
namespace {

using namespace std::string_literals;

class Folder {
 public:
  explicit Folder(std::string path) : path_(std::move(path)) { CHECK(MakeFolders(path_).ok()); }
  void Add(const std::string& name, std::string_view content) const {
    CHECK(WriteFileAtomically(path_ + "/" + name, content).ok());
  }

 private:
  std::string path_;
};

// One record of every kind, without its frame.
void AddEvents(const Folder& folder) {
  const testing::EventBuilder file = testing::EveryKind();
  for (size_t i = 0; i < file.offsets().size(); ++i) {
    const auto record = ParseRecord(std::string_view(file.bytes()).substr(file.offsets()[i]));
    folder.Add("event_" + std::to_string(100 + i), record.data);
  }
}

// Recipes: a position to cut at, then steps of kind, size and bytes.
void AddRecipes(const Folder& folder) {
  const std::string records = "\x00\x03one\x00\x03two"s;
  const std::string cut = "\x09\x00"s;
  folder.Add("records", cut + records);
  folder.Add("noise", cut + records + "\x01\x05noise\x00\x05three"s);
  folder.Add("bad_data", cut + records + "\x02\x04lost\x00\x05three"s);
  folder.Add("bad_length", cut + records + "\x03\x04lost\x00\x05three"s);
  folder.Add("declared", cut + records + "\x04\x00\x00\x00\x00\x80\x00\x00\x00\x00"s + records);
  folder.Add("zeros", cut + records + "\x05\x40"s + records);
  folder.Add("nested", cut + records + "\x06\x00"s + records);
  // Cut between a damaged record that holds records and the header that decides it.
  folder.Add("nested_undecided", "\x5f\x00"s + records + "\x07\xff"s + "\x06\x00"s);
  folder.Add("nested_damage", cut + records + "\x07\x00"s + records + "\x07\x05"s + records);
}

store::Finding ExampleFinding() {
  store::Finding finding;
  finding.rule = "dead_units";
  finding.entity = "hidden_1";
  finding.title = "38 of 64 units are dead";
  finding.ids = {1, 2, 3};
  finding.evidence.push_back(
      {.label = "share", .unit = "units", .step = {1, 2}, .value = {0.5, 0.75}});
  return finding;
}

std::string ExampleChunk() {
  store::ProfileSlices slices;
  for (int i = 0; i < 4; ++i) {
    slices.kind.push_back(store::ProfileSlices::Kind::kPhase);
    slices.name.push_back(0);
    slices.start_ns.push_back(1000 * i);
    slices.duration_ns.push_back(5);
    slices.step.push_back(i);
    slices.correlation_id.push_back(0);
    slices.stream.push_back(0);
  }
  return store::EncodeProfileChunk(slices);
}

// The first byte says how the target takes the rest; 1 wants it without an envelope.
void AddStored(const Folder& folder) {
  constexpr size_t kEnvelopeBytes = 13;
  store::ScalarPoints points;
  for (int i = 0; i < 40; ++i) points.Append(10 * i, 1.7e9 + i, 1.0 / (i + 1));
  const std::string block = store::EncodeBlock(points, 0, points.size());
  folder.Add("block", "\x00"s + block);
  folder.Add("block_frame",
             "\x03\x01\xed\x03\x00\x00\x00\x00\x00\x00"s + block.substr(kEnvelopeBytes));
  folder.Add("block_content", "\x02\x01\x00\x01\x00\x00\x00\x01\x14\x01\xda\x02\x01\x02"s);
  folder.Add("pyramid", "\x00"s + store::EncodePyramid(points, 0, points.size()));
  folder.Add("finding", "\x00"s + store::EncodeFinding(ExampleFinding()));
  folder.Add("profile", "\x00"s + ExampleChunk());
  const store::Histogram histogram{.edges = {0, 1, 2}, .counts = {3, 4}};
  folder.Add("histogram", "\x01"s + store::EncodeHistogram(histogram).bytes);
  const store::Histogram fractions{.edges = {0, 1, 2}, .counts = {0.3, 4.4}};
  folder.Add("histogram_plain", "\x01"s + store::EncodeHistogram(fractions).bytes);
  const store::Histogram uneven{.edges = {0, 1}, .counts = {3, 4}};
  folder.Add("histogram_uneven", "\x01"s + store::EncodeHistogram(uneven).bytes);
  const store::Text text{.values = {"one", "two"}, .shape = {2}};
  folder.Add("text", "\x01"s + store::EncodeText(text));
  folder.Add("embedding", "\x01"s + store::EncodeEmbeddingValues({1, 2, 3, 4}));
  folder.Add("metadata", "\x01"s + store::EncodeEmbeddingMetadata({{"name"}, {{"a", "b"}}}));
  const store::EntityStats stats{
      .entities = 2, .samples = 9, .columns = {"touches"}, .values = {{1, 2}}, .attributes = {}};
  folder.Add("stats", "\x01"s + store::EncodeEntityStats(stats));
  const store::EntityStats short_stats{
      .entities = 3, .samples = 9, .columns = {"touches"}, .values = {{1, 2}}, .attributes = {}};
  folder.Add("stats_short", "\x01"s + store::EncodeEntityStats(short_stats));
  store::AudioClip clip;
  clip.content_type = "audio/wav";
  folder.Add("audio", "\x01"s + store::EncodeAudioDetails(clip));
  store::TensorInfo tensor;
  tensor.dtype = 1;
  tensor.shape = {2, 2};
  folder.Add("tensor", "\x01"s + store::EncodeTensorDetails(tensor));
}

void AddTexts(const Folder& folder) {
  folder.Add("config",
             "\x00"s
             "# two\nembeddings {\n  tensor_name: \"default:00010\"\n"
             "  tensor_path: 'a/tensors.tsv'\n  metadata_path: \"m\\303\\244.tsv\"\n"
             "  sprite { image_path: \"s.png\" single_image_dim: [28, 28] }\n"
             "  tensor_shape: 10 tensor_shape: 0x2\n}\nembeddings: < tensor_name: \"b\" >\n");
  folder.Add("tsv", "\x01\x02\x03"s + "1\t2.5\t-3e2\n4\t+5\tnan\n");
  folder.Add("raw", "\x01\x02\x01"s + "\x00\x00\x80\x3f\x00\x00\x00\x40"s);
  const std::string header =
      "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 1), }           \n";
  folder.Add("npy", "\x01\x00\x00"s + "\x93NUMPY\x01\x00"s + static_cast<char>(header.size()) +
                        "\x00"s + header + "\x00\x00\x80\x3f\x00\x00\x00\x40"s);
  folder.Add("metadata", "\x02\x02"s + "name\tcity\nAda\tOslo\nBob\tLima\n");
  folder.Add("labels", "\x02\x03"s + "one\ntwo\r\n\xff\n");
  // A block of an index: the header, and a variable "w" of 2 x 3 float32 in one part.
  const std::string block = "\0\0\2\x08\1"s + "\0\1\x20w"s +
                            "\x08\1\x12\x08\x12\2\x08\2\x12\2\x08\3"s +
                            "\x28\x18\x35"
                            "abcd"s +
                            "\x3a\x09\x0a\4\x08\0\x10\2\x0a\1\x08"s + "\0\0\0\0\1\0\0\0"s;
  folder.Add("index", "\x03\x00"s + block);
  folder.Add("index_snappy", "\x03\x01"s + static_cast<char>(block.size()) +
                                 static_cast<char>((block.size() - 1) << 2) + block);
  folder.Add("index_copies",
             "\x03\x01\x19\x0c"
             "abcd\x4e\4\0\0x"s);
  folder.Add("index_directory", "\x03\x04\0\1\2k\0\5\0\0\0\0\1\0\0\0"s);
}

}  // namespace
}  // namespace spirogram

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_fuzz_corpus FOLDER\n");
    return 2;
  }
  const std::string root = argv[1];
  spirogram::AddEvents(spirogram::Folder(root + "/event"));
  spirogram::AddRecipes(spirogram::Folder(root + "/framing"));
  spirogram::AddStored(spirogram::Folder(root + "/stored"));
  spirogram::AddTexts(spirogram::Folder(root + "/text"));
  return 0;
}
