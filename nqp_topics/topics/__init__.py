"""Topics: topics from counts: train one run or several, save and load them."""

from nqp_topics.topics.fit import train
from nqp_topics.topics.model import Topics, belong, topic_names
from nqp_topics.topics.on_disk import load, save
from nqp_topics.topics.seeds import Runs, likeness
