// spirogram project: a map of a file of rows, or of a run's embedding, with its quality.
#pragma once

#include <string>
#include <vector>

#include "mapping/input.h"
#include "mapping/map.h"

namespace spirogram::app {

struct ProjectOptions {
  mapping::InputOptions input;
  std::string step;  // empty: the newest checkpoint
  std::string header = "auto";
  std::string method = "tsne";
  std::string metric = "euclidean";
  std::string init = "pca";
  std::string device = "auto";
  std::string start;                       // .npy of a map
  std::string onto;                        // .npy of the map that the rows are placed on
  std::string reference;                   // the rows that it was drawn of
  bool fits_perplexity = true;             // lowers it, of few rows; not where it was asked for
  bool fits_neighbors = true;              // UMAP's, likewise
  std::vector<std::string> unused_flags;   // that were given, each with why it changes nothing
  int early_exaggeration_iterations = -1;  // -1: as suits; 0 with `start`
  std::string quality = "on";
  bool yields = false;    // steps aside for other programs
  double memory_gib = 0;  // 0: what the machine has available
  projector::TsneOptions tsne;
  projector::UmapOptions umap;

  std::vector<std::string> out;
  std::string colour_by;
  int size = 1600;
  bool dark = false;
  bool json = false;
};

// Returns the program's exit code.
int Project(ProjectOptions options);

}  // namespace spirogram::app
