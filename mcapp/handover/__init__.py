"""Rehearses the hand-over of an App Key on the developer's machine: ManyChat's part, and the endpoint's."""
