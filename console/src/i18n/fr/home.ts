import type { Messages } from '../en/index.ts';

export const home: Messages['home'] = {
  title: 'Accueil',
  welcome: {
    title: 'Voyez un webhook arriver en une minute',
    text: 'Rowhook transforme les changements de lignes et les événements en webhooks qui arrivent. Essayez avec un exemple :',
    steps: [
      'Créez une base d’exemple avec quelques commandes, et un webhook qui envoie leurs changements au destinataire de test intégré.',
      'Modifiez une ligne : cochez « Payée », par exemple.',
      'Regardez le webhook partir à côté du tableau, et ouvrez-le pour voir ce qui a été envoyé et répondu.',
    ],
    start: 'Créer l’exemple',
    own: 'Ou commencez avec vos propres données',
    newBase: 'Créer une base',
    newWebhook: 'Créer un webhook',
    sendEvent: 'Envoyer un événement',
  },
  sample: {
    base: 'Boutique d’exemple',
    table: 'Commandes',
    webhook: 'Commandes vers le destinataire de test',
    columns: { order: 'Commande', customer: 'Client', amount: 'Montant', status: 'Statut', paid: 'Payée' },
    statuses: { open: 'ouverte', sent: 'expédiée', returned: 'retournée' },
  },
  tryAgain: 'Créer un exemple',
  attention: 'À surveiller',
  allWell: 'Tous les webhooks vont bien.',
  recent: 'Dernières livraisons',
  noDeliveries:
    'Rien n’a encore été envoyé. Modifiez une ligne ou envoyez un événement qui correspond à un webhook.',
  counts: {
    webhooks: 'Webhooks',
    active: (count) => `${count} actifs`,
    waiting: 'Événements en attente',
    waitingHint: 'pour l’ensemble des webhooks',
    success: 'Réussies, tout de suite ou plus tard',
    successHint: (count) => `sur ${count} livraisons terminées`,
    perMinute: 'Livraisons par minute',
    window: '30 dernières minutes',
    partial: (count) => `les ${count} plus récentes seulement`,
  },
  chart: {
    title: 'Livraisons par minute',
    succeeded: 'Réussies',
    other: 'Non réussies',
    none: 'Aucune livraison au cours des 30 dernières minutes.',
    summary: (total, failed) =>
      `Livraisons par minute au cours des 30 dernières minutes : ${total} au total, dont ${failed} non réussies.`,
  },
};
