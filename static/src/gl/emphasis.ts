// How strongly a point is drawn.
export const kNormal = 0;
export const kFaded = 1;
export const kMarked = 2;
export const kHidden = 3;
