/** A node's answers to its peers, some of them replaced. */
import type { PeerApi } from "../../src/transport/peer-api.ts";

/** Each call goes to the replacement if there is one at that moment, and otherwise to the honest node. */
export function twistedApi(honest: PeerApi, twisted: () => Partial<PeerApi>): PeerApi {
  return {
    register: (...call) => (twisted().register ?? honest.register).call(honest, ...call),
    recall: (...call) => (twisted().recall ?? honest.recall).call(honest, ...call),
    verification: (...call) =>
      (twisted().verification ?? honest.verification).call(honest, ...call),
    receive: (...call) => (twisted().receive ?? honest.receive).call(honest, ...call),
    fetchBlocks: (...call) => (twisted().fetchBlocks ?? honest.fetchBlocks).call(honest, ...call),
    fetchOperations: (...call) =>
      (twisted().fetchOperations ?? honest.fetchOperations).call(honest, ...call),
    fetchCertificates: (...call) =>
      (twisted().fetchCertificates ?? honest.fetchCertificates).call(honest, ...call),
    fetchSnapshot: (...call) =>
      (twisted().fetchSnapshot ?? honest.fetchSnapshot).call(honest, ...call),
    readClock: (...call) => (twisted().readClock ?? honest.readClock).call(honest, ...call),
  };
}
